import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compose } from '../../../electron/compose.ts';
import { foundTeam } from '../../../electron/compose/found-team.ts';
import { createLog } from '../../../electron/platform/log.ts';
import type { Backend } from '../../../electron/rpc/backend.ts';
import type { PersonSession } from '../../../electron/services/operators/api.ts';
import type { Operator } from '../../../shared/model/operator.ts';
import type { TempFolder } from '../../support/temp.ts';

export const PASSPHRASES: Readonly<Record<string, string>> = {
  ada: 'ada keeps it to herself',
  sam: 'sam never wrote it down',
  kim: 'kim has another one',
};
export const FLAG = 'enable_new_pricing';
export const NEVER = new AbortController().signal;

const FLAG_FILE = JSON.stringify({
  flags: {
    [FLAG]: {
      state: 'ENABLED',
      variants: { on: true, off: false },
      defaultVariant: 'off',
      targeting: {
        fractional: [
          ['on', 20],
          ['off', 80],
        ],
      },
    },
  },
});

export interface TeamConsole {
  readonly backend: Backend;
  readonly session: PersonSession;
  readonly dataDir: string;
  readonly log: string[];
}

/** A team's configuration in a folder, as in a repository that every console has checked out. */
export class Team {
  readonly #folder: TempFolder;
  readonly people: Operator[] = [];
  readonly open: Backend[] = [];
  /** The rest of scram.yaml, as YAML. */
  more = '';

  constructor(folder: TempFolder) {
    this.#folder = folder;
  }

  get directory(): string {
    return this.#folder.at('team');
  }

  get flagFile(): string {
    return path.join(this.directory, 'production.flagd.json');
  }

  dataDir(console: string): string {
    return this.#folder.at(console);
  }

  /** The first person, on their own console, and the team's roster. */
  async found(id: string, roles: Operator['roles'], console: string): Promise<void> {
    const { publicKey } = await foundTeam({
      directory: this.directory,
      dataDir: this.dataDir(console),
      operator: { id, name: id },
      passphrase: PASSPHRASES[id] ?? '',
    });
    writeFileSync(this.flagFile, FLAG_FILE);
    this.people.push({ id, name: id, roles, publicKeys: [publicKey] });
    this.write();
  }

  write(): void {
    const operators = JSON.stringify(this.people);
    writeFileSync(
      path.join(this.directory, 'scram.yaml'),
      [
        'version: 1',
        'team: my-team',
        'environments: { production: { tone: production } }',
        'connections: [ { id: flags, kind: flagd, files: { production: ./production.flagd.json } } ]',
        'services: [ { id: checkout, flags: [ { connection: flags, key: enable_new_pricing } ] } ]',
        'policy: { production: { kill: { people: 2 }, restore: { people: 2 }, breakGlass: { allowed: true } } }',
        `operators: ${operators}`,
        this.more,
      ].join('\n'),
    );
  }

  async console(name: string, more: { env?: Record<string, string> } = {}): Promise<TeamConsole> {
    mkdirSync(this.dataDir(name), { recursive: true, mode: 0o700 });
    const lines: string[] = [];
    const backend = await compose({
      host: 'web',
      dataDir: this.dataDir(name),
      configPath: path.join(this.directory, 'scram.yaml'),
      cwd: this.directory,
      env: more.env ?? {},
      log: createLog({ write: (line) => void lines.push(line), level: 'info' }),
    });
    this.open.push(backend);
    const session = backend.people.openSession();
    await backend.services().flags.settled();
    return { backend, session, dataDir: this.dataDir(name), log: lines };
  }

  share(): unknown {
    return JSON.parse(readFileSync(this.flagFile, 'utf8')).flags[FLAG];
  }

  async close(): Promise<void> {
    for (const backend of this.open.splice(0).reverse()) await backend.dispose();
  }
}

/** Proposes a kill as the person of the session. */
export async function proposeKill({ backend, session }: TeamConsole): Promise<string> {
  const { changes } = backend.services();
  const preview = await changes.preview(
    { action: 'kill', connection: 'flags', flag: FLAG, environment: 'production' },
    NEVER,
  );
  return changes.propose(preview.hash, 'p99 tripled', session.actor()).hash;
}

export function actorOf({ session }: TeamConsole) {
  const actor = session.actor();
  if (actor === null) throw new Error('nobody has unlocked it');
  return actor;
}
