import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutFlags } from './checkout.ts';
import { beginScram, type ScramEnded } from './web-host.ts';

export const FLAG = 'enable_new_pricing';
export const PASSPHRASES: Readonly<Record<string, string>> = { alex: 'alex keeps bees', sam: 'sam mends clocks' };

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Commands on one console, by one person; null: nobody unlocks. */
export interface Terminal {
  readonly dataDir: string;
  begin(who: string | null, args: readonly string[], options?: RunOptions): ReturnType<typeof beginScram>;
  run(who: string | null, args: readonly string[], options?: RunOptions): Promise<ScramEnded>;
}

export interface TerminalTeam {
  /** The console that both people have keys on. */
  readonly first: Terminal;
  /** Another machine: a data folder and a copy of the configuration of its own, with a key of sam's. */
  second(): Promise<Terminal>;
  /** The first console's flag in production, and its file as it was at the beginning. */
  readonly production: string;
  readonly before: string;
}

interface Keys {
  readonly alex: readonly string[];
  readonly sam: readonly string[];
}

const configOf = ({ alex, sam }: Keys, extra: string) => `version: 1
team: payments
environments:
  production: { tone: production }
  staging: {}
connections:
  - { id: local, kind: flagd, files: { production: ./production.json, staging: ./staging.json } }
${extra}services:
  - { id: checkout, flags: [ { connection: local, key: ${FLAG} } ] }
policy:
  production: { kill: { people: 2 }, breakGlass: { allowed: true } }
operators:
  - { id: alex, name: Alex Roe, roles: [admin, responder, approver], publicKeys: [${alex.join(', ')}] }
  - { id: sam, name: Sam Poe, roles: [approver], publicKeys: [${sam.join(', ')}] }
`;

function terminalOf(dataDir: string, cwd: string): Terminal {
  const begin: Terminal['begin'] = (who, args, { env = {}, input } = {}) => {
    const person = who === null ? {} : { SCRAM_OPERATOR: who, SCRAM_PASSPHRASE: PASSPHRASES[who] ?? '' };
    const options = { cwd, env: { ...person, ...env }, ...(input === undefined ? {} : { input }) };
    return beginScram([...args, '--data-dir', dataDir], options);
  };
  return { dataDir, begin, run: (...given) => begin(...given).ended };
}

export interface TeamOptions {
  /** More connections, as lines of scram.yaml. */
  readonly connections?: string;
  /** Sam has no key on the first console. */
  readonly apart?: boolean;
}

/** A team of two in a folder of the test's own, made as people make it: enrol, write the keys down, sign. */
export async function createTerminalTeam(
  folder: string,
  { connections = '', apart = false }: TeamOptions = {},
): Promise<TerminalTeam> {
  const config = path.join(folder, 'config');
  const production = path.join(config, 'production.json');
  mkdirSync(config);
  for (const name of ['production.json', 'staging.json']) writeFileSync(path.join(config, name), checkoutFlags(20));
  const write = (keys: Keys) => writeFileSync(path.join(config, 'scram.yaml'), configOf(keys, connections));
  const first = terminalOf(path.join(folder, 'data-1'), config);

  async function enrol(terminal: Terminal, who: string | null, operator: string): Promise<string> {
    const env = { SCRAM_NEW_PASSPHRASE: PASSPHRASES[operator] ?? '' };
    const { code, stdout, stderr } = await terminal.run(who, ['operator', 'enrol', operator, '--json'], { env });
    if (code !== 0) throw new Error(`${operator} was not enrolled: ${stderr}`);
    return (JSON.parse(stdout) as { publicKey: string }).publicKey;
  }
  async function sign(keys: Keys): Promise<void> {
    write(keys);
    const { code, stderr } = await first.run('alex', ['roster', 'sign', '--yes']);
    if (code !== 0) throw new Error(`the roster was not signed: ${stderr}`);
  }

  write({ alex: [], sam: [] });
  const alex = [await enrol(first, null, 'alex')];
  const sam = apart ? [] : [await enrol(first, 'alex', 'sam')];
  await sign({ alex, sam });
  return {
    first,
    production,
    before: readFileSync(production, 'utf8'),
    async second() {
      const other = path.join(folder, 'config-2');
      cpSync(config, other, { recursive: true });
      const terminal = terminalOf(path.join(folder, 'data-2'), other);
      const key = await enrol(terminal, null, 'sam');
      await sign({ alex, sam: [...sam, key] });
      for (const name of ['scram.yaml', 'roster.json']) cpSync(path.join(config, name), path.join(other, name));
      return terminal;
    },
  };
}
