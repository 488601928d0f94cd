import type { Arguments, OptionShape } from './arguments.ts';
import type { ConsoleClient } from './client.ts';
import type { Secrets } from './secrets.ts';

export interface Output {
  /** One line, or several, for people. Not printed with --json. */
  say(text: string): void;
  /** The command's one JSON document, printed with --json. */
  json(value: unknown): void;
  /** To stderr, always. */
  warn(text: string): void;
}

export interface CommandContext {
  readonly args: Arguments;
  readonly out: Output;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dataDir: string;
  readonly configPath: string | null;
  /** Attaches to the running console or starts one; closed by the caller after the command. */
  connect(): Promise<ConsoleClient>;
  /** Asks a person at the terminal; null when there is none. */
  ask(question: string): Promise<string | null>;
  /** The same, without showing what is typed. */
  askSecret(question: string): Promise<string | null>;
  /** All of stdin; null at a terminal, where nobody has piped anything in. */
  readStdin(): Promise<string | null>;
  readonly secrets: Secrets;
  /** Resolves when the person stops the command (Ctrl-C) or it is told to end; until this is called, that ends it at once. */
  untilStopped(): Promise<void>;
}

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionShape;
  /** Returns the exit code. Throws `ScramError`s, whose code gives the exit code. */
  run(context: CommandContext): Promise<number>;
}
