import type { Log, LogFields } from '../services/ports.ts';

const LEVELS = { info: 0, warn: 1, error: 2 } as const;
export type LogLevel = keyof typeof LEVELS;

const REDACTED = '[redacted]';
/** Shorter secrets would blot out ordinary words; they are only matched as a whole value. */
const MIN_PART_LENGTH = 4;
/** Fields that by their name hold a secret, whether registered or not. */
const SECRET_FIELD = /password|passphrase|secret|token|authorization|cookie|credential|private.?key/i;
const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+@/gi;

export interface RedactingLog extends Log {
  /** From now on `text`, and the forms it travels in, never stands in a line (E2). */
  registerSecret(text: string): void;
  /** The same blotting for text that leaves by another way, such as a crash report. */
  redact(text: string): string;
}

export interface LogOptions {
  /** Takes one line with its line feed. What it throws is dropped: a full disk must not stop the console. */
  readonly write: (line: string) => void;
  readonly level?: LogLevel;
  readonly now?: () => number;
}

export function stderrWriter(): (line: string) => void {
  return (line) => void process.stderr.write(line);
}

/** Structured JSON lines `{"at","level","event",…}`, times in ISO 8601 UTC. */
export function createLog(options: LogOptions): RedactingLog {
  const threshold = LEVELS[options.level ?? 'info'];
  const now = options.now ?? Date.now;
  const parts = new Set<string>();
  const wholes = new Set<string>();
  let longestFirst: string[] = [];

  function registerSecret(text: string): void {
    for (const form of secretForms(text)) {
      wholes.add(form);
      if (form.length >= MIN_PART_LENGTH) parts.add(form);
    }
    longestFirst = [...parts].sort((a, b) => b.length - a.length);
  }

  function redact(text: string): string {
    if (wholes.has(text)) return REDACTED;
    let clean = text.replace(USER_INFO, `$1${REDACTED}@`);
    for (const part of longestFirst) clean = clean.replaceAll(part, REDACTED);
    return clean;
  }

  function line(level: LogLevel, event: string, fields: LogFields): void {
    if (LEVELS[level] < threshold) return;
    const record: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fields)) {
      const hidden = SECRET_FIELD.test(name) && value !== null && value !== undefined && typeof value !== 'boolean';
      record[name] = hidden ? REDACTED : redactValue(value);
    }
    const head = { at: new Date(now()).toISOString(), level, event: redact(event) };
    try {
      options.write(`${JSON.stringify({ ...record, ...head })}\n`);
    } catch {
      // Nowhere left to tell it.
    }
  }

  function redactValue(value: LogFields[string]): LogFields[string] {
    if (typeof value === 'string') return redact(value);
    return typeof value === 'number' && wholes.has(String(value)) ? REDACTED : value;
  }

  return {
    info: (event, fields = {}) => line('info', event, fields),
    warn: (event, fields = {}) => line('warn', event, fields),
    error: (event, fields = {}) => line('error', event, fields),
    registerSecret,
    redact,
  };
}

/** A secret as it may appear: itself, in a URL, in JSON, in a Basic header; and the password of `user:password`. */
function secretForms(text: string): Set<string> {
  const forms = new Set<string>();
  const password = text.includes(':') ? text.slice(text.indexOf(':') + 1) : '';
  for (const plain of [text, text.trim(), password]) {
    if (plain === '') continue;
    forms.add(plain);
    forms.add(encodeURIComponent(plain));
    forms.add(new URLSearchParams({ s: plain }).toString().slice(2));
    forms.add(JSON.stringify(plain).slice(1, -1));
    const bytes = Buffer.from(plain);
    forms.add(bytes.toString('base64'));
    forms.add(bytes.toString('base64url'));
  }
  return forms;
}
