import { systemClock } from '../../electron/platform/clock.ts';
import type { ProviderContext } from '../../electron/providers/flags/context.ts';
import type { LogFields } from '../../electron/services/ports.ts';
import { polarityByName } from '../../shared/rules/naming.ts';

export interface ContextParts {
  readonly secrets?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly safeDefaults?: Readonly<Record<string, string>>;
  readonly workDir?: string;
  readonly baseDir?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What compose.ts gives an adapter, with the secrets and files of a test; `logged` is what it wrote to the log. */
export function contextOf(parts: ContextParts = {}): ProviderContext & { logged: string[] } {
  const logged: string[] = [];
  const line = (event: string, fields?: LogFields) => void logged.push(`${event} ${JSON.stringify(fields ?? {})}`);
  const log = { info: line, warn: line, error: line };
  const need = (from: Readonly<Record<string, string>> | undefined, name: string): string => {
    const found = from?.[name];
    if (found === undefined) throw new Error(`the test gives no ${name}`);
    return found;
  };
  return {
    baseDir: parts.baseDir ?? '/nowhere',
    clock: systemClock(log),
    log,
    hintsOf: (key) => ({ polarity: polarityByName(key), safeDefault: parts.safeDefaults?.[key] ?? null }),
    env: parts.env ?? { PATH: process.env.PATH, HOME: process.env.HOME },
    workDir: parts.workDir ?? '/nowhere/work',
    secret: (credential) => need(parts.secrets, credential.replace(/^env:/, '')),
    readText: (file) => need(parts.files, file),
    logged,
  };
}
