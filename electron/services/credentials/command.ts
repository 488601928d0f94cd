import { ScramError } from '../../../shared/model/error.ts';

/** Runs a program with exactly these words and variables: no shell looks at them. Node's is `platform/run-command.ts`. */
export type RunCommand = (
  words: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
  },
) => Promise<{ readonly code: number | null; readonly stdout: string }>;

/**
 * Splits a command into words as a shell would with nothing but quotes: white space parts them, '…' keeps everything,
 * "…" keeps everything but takes \" and \\ as one character. A backslash elsewhere is itself: paths of Windows have them.
 * Throws `credential` for a quote that does not end.
 */
export function splitWords(command: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < command.length; at += 1) {
    const c = command.charAt(at);
    if (c === "'" || c === '"') {
      const { text, end } = quoted(command, at, c);
      word = (word ?? '') + text;
      at = end;
    } else if (/\s/.test(c)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + c;
    }
  }
  return word === null ? words : [...words, word];
}

function quoted(command: string, begin: number, quote: string): { text: string; end: number } {
  let text = '';
  for (let at = begin + 1; at < command.length; at += 1) {
    const c = command.charAt(at);
    const next = command.charAt(at + 1);
    if (c === quote) return { text, end: at };
    if (c === '\\' && quote === '"' && (next === '"' || next === '\\')) {
      text += next;
      at += 1;
    } else {
      text += c;
    }
  }
  throw new ScramError('credential', `the command has a quote ${quote} that does not end`, {
    action: 'correct the command after cmd: in scram.yaml',
  });
}

const PASSPHRASE_VARIABLE = /^SCRAM_PASSPHRASE$/i;
/** Shorter ones are only held back as a whole value: they would take innocent variables with them. */
const PART_LENGTH = 8;

/** The variables for a child: without the vault's passphrase, and without any that holds a secret that was resolved. */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  secrets: ReadonlySet<string>,
): Record<string, string> {
  const parts = [...secrets].filter((secret) => secret.length >= PART_LENGTH);
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || PASSPHRASE_VARIABLE.test(name)) continue;
    if (secrets.has(value) || secrets.has(value.trim()) || parts.some((secret) => value.includes(secret))) continue;
    passed[name] = value;
  }
  return passed;
}
