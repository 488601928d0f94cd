import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Role } from '../../shared/model/operator.ts';
import { openPageSocket, type PageSocket } from './page-socket.ts';
import { waitFor } from './processes.ts';
import { type RunningHost, startWebHost } from './web-host.ts';

export const FLAG = 'enable_new_pricing';
/** One for each person; none is part of another, and no fixture holds them. */
export const passphraseOf = (operator: string): string => `CANARY of ${operator}: sieben&acht/"neun"+7f3a`;

/** Who has a key on which console, by the console's name. */
export interface Member {
  readonly roles: readonly Role[];
  readonly on: readonly string[];
}

export interface ConsoleTeamOptions {
  readonly people: Readonly<Record<string, Member>>;
  /** The first person on the first console founds the team. */
  readonly founder: string;
  /** Further lines of scram.yaml: connections, services, notify, teamStore. */
  readonly more?: string;
  readonly flags?: readonly string[];
  readonly policy?: string;
  readonly env?: Record<string, string>;
}

export interface ConsoleTeam {
  readonly config: string;
  readonly flagFile: string;
  /** The flag file, byte for byte. */
  flags(): string;
  dataDir(console: string): string;
  start(console: string): Promise<RunningHost>;
  /** A page on a running console that the person has unlocked; null: that nobody has. */
  page(host: RunningHost, operator: string | null): Promise<PageSocket>;
}

function flagText(names: readonly string[], share = 20): string {
  const flag = {
    state: 'ENABLED',
    variants: { on: true, off: false },
    defaultVariant: 'off',
    targeting: {
      fractional: [
        ['on', share],
        ['off', 100 - share],
      ],
    },
  };
  return `${JSON.stringify({ flags: Object.fromEntries(names.map((name) => [name, flag])) }, null, 2)}\n`;
}

const KILLS_TAKE_TWO = '{ production: { kill: { people: 2 }, restore: { people: 2 } } }';

/** A team whose keys are made through the pages of real consoles, in a folder of the test's own. */
export async function foundConsoleTeam(folder: string, options: ConsoleTeamOptions): Promise<ConsoleTeam> {
  const { people, founder, more = '', flags = [FLAG], policy = KILLS_TAKE_TWO, env = {} } = options;
  const directory = path.join(folder, 'team');
  mkdirSync(directory, { recursive: true });
  const config = path.join(directory, 'scram.yaml');
  const flagFile = path.join(directory, 'production.json');
  writeFileSync(flagFile, flagText(flags));
  const keys: Record<string, string[]> = {};
  const write = (): void => {
    const operators = Object.entries(people).map(([id, { roles }]) => ({
      id,
      name: id[0]?.toUpperCase() + id.slice(1),
      roles,
      publicKeys: keys[id] ?? [],
    }));
    writeFileSync(
      config,
      [
        'version: 1',
        'team: payments',
        'environments: { production: { tone: production } }',
        `policy: ${policy}`,
        `operators: ${JSON.stringify(operators)}`,
        more === '' ? 'connections: [ { id: local, kind: flagd, files: { production: ./production.json } } ]' : more,
        '',
      ].join('\n'),
    );
  };
  const team: ConsoleTeam = {
    config,
    flagFile,
    flags: () => readFileSync(flagFile, 'utf8'),
    dataDir: (console) => path.join(folder, console),
    async start(console) {
      mkdirSync(team.dataDir(console), { recursive: true, mode: 0o700 });
      return startWebHost({ dataDir: team.dataDir(console), config, env });
    },
    async page(host, operator) {
      const page = await openPageSocket(host);
      if (operator !== null) await page.call('people.unlock', { operator, passphrase: passphraseOf(operator) });
      return page;
    },
  };

  write();
  const consoles = [...new Set(Object.values(people).flatMap(({ on }) => on))];
  for (const console of consoles) {
    const host = await team.start(console);
    const page = await team.page(host, null);
    const here = Object.keys(people).filter((operator) => people[operator]?.on.includes(console));
    const [first = founder] = here.includes(founder) ? [founder] : here;
    for (const operator of [first, ...here.filter((one) => one !== first)]) {
      const passphrase = passphraseOf(operator);
      const { publicKey } = await page.call('people.enrol', { operator, passphrase });
      if (operator === first) await page.call('people.unlock', { operator, passphrase });
      keys[operator] = [...(keys[operator] ?? []), publicKey];
    }
    page.close();
    await host.stop();
  }
  write();
  const [first = ''] = people[founder]?.on ?? [];
  const host = await team.start(first);
  const page = await team.page(host, founder);
  await waitFor('the founder may sign', async () =>
    (await page.snapshot('people.watch', {})).rights.includes('administer'),
  );
  await page.call('people.signRoster', {});
  page.close();
  await host.stop();
  return team;
}
