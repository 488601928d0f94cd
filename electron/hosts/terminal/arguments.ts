import { parseArgs } from 'node:util';
import { ScramError } from '../../../shared/model/error.ts';

/** Options of one command: a flag, or one that takes a value, whose word stands in the usage; `many`: may be repeated. */
export type OptionShape = Readonly<
  Record<string, { readonly value?: string; readonly many?: true; readonly help: string }>
>;

export interface Arguments {
  readonly words: readonly string[];
  has(name: string): boolean;
  text(name: string): string | undefined;
  /** Every value of an option that may be repeated, in order. */
  all(name: string): readonly string[];
  /** Throws a usage error that names the option. */
  required(name: string): string;
}

export const COMMON_OPTIONS: OptionShape = {
  json: { help: 'print JSON' },
  config: { value: 'FILE', help: 'scram.yaml to use' },
  'data-dir': { value: 'DIR', help: 'folder of ledger, cache and device key' },
  help: { help: 'show this help' },
};

export class UsageError extends ScramError {
  constructor(message: string) {
    super('invalid-input', message, { action: 'see `scram help`' });
    this.name = 'UsageError';
  }
}

/** Reads a command's words and options; unknown and incomplete ones are usage errors. */
export function readArguments(args: readonly string[], shape: OptionShape): Arguments {
  const options = Object.fromEntries(
    Object.entries({ ...COMMON_OPTIONS, ...shape }).map(([name, { value, many }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: many === true },
    ]),
  );
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error));
    }
  })();
  const text = (name: string) => {
    const value = parsed.values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    words: parsed.positionals,
    has: (name) => parsed.values[name] === true,
    text,
    all(name) {
      const values = parsed.values[name];
      return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
    },
    required(name) {
      const value = text(name);
      if (value === undefined || value === '') throw new UsageError(`--${name} is needed`);
      return value;
    },
  };
}
