import path from 'node:path';
import type { Config } from '../../shared/model/config/index.ts';
import { ScramError } from '../../shared/model/error.ts';
import { systemClock } from '../platform/clock.ts';
import { createLog, stderrWriter } from '../platform/log.ts';
import { runCommand } from '../platform/run-command.ts';
import {
  createPostgresTeamStore,
  grantsSql,
  migrateTeamStore,
  teamStoreSql as tablesSql,
} from '../providers/team/postgres/index.ts';
import type { Trust } from '../services/ledger/api.ts';
import type { Roster } from '../services/operators/api.ts';
import { signedBy } from '../services/signing/public-key.ts';
import type { TeamStore } from '../services/team/store.ts';
import { checkConfigFile } from './configuration.ts';
import { type ConnectionContext, textOf } from './connections.ts';
import { LOCKED_VAULT, resolveSecrets } from './secrets.ts';

/** The store that the configuration names; one that cannot be set up says why whenever it is asked. Null: none is named. */
export function teamStoreOf(config: Config, context: ConnectionContext): TeamStore | null {
  const { teamStore } = config;
  if (teamStore === undefined) return null;
  try {
    return createPostgresTeamStore({
      connectionString: context.secret(teamStore.credential),
      schema: teamStore.schema,
      ...(teamStore.ca === undefined ? {} : { caPem: textOf(teamStore.ca, context) }),
      clock: context.clock,
      log: context.log,
    });
  } catch (error) {
    return failingStore(error);
  }
}

function failingStore(error: unknown): TeamStore {
  const fail = (): Promise<never> => Promise.reject(error);
  return {
    connect: fail,
    heads: fail,
    held: fail,
    doubles: fail,
    push: fail,
    pull: fail,
    listen: () => ({ dispose: () => undefined }),
    setPresence: fail,
    presence: fail,
    dispose: async () => undefined,
  };
}

/** Whom the ledger believes: everybody whom any roster that was ever in force here names (D8). */
export function trustOf(roster: () => Roster): Trust {
  return {
    knowsDevice: (device) => roster().knowsDevice(device),
    signedBy(person, text, signature) {
      const key = roster().everKey(person);
      return key !== null && signedBy(key, text, signature);
    },
    mayRedact(person) {
      const { key, operator } = roster();
      return key(person) !== null && (operator(person.operator)?.roles.includes('admin') ?? false);
    },
  };
}

const MIGRATION_LIMIT_MS = 60_000;

/** Everything that the database's owner runs, and the rights of the consoles' role where one is named. */
export function teamStoreSql(schema: string, role: string | null): string {
  return role === null ? tablesSql(schema) : `${tablesSql(schema)}\n${grantsSql(schema, role)}`;
}

/**
 * Makes or updates the tables of the team store that a configuration names (scram team migrate). `credential`: that of
 * the owner, `env:` or `cmd:`; the configuration's own when left out. Throws `config-invalid`, `credential`, `locked`.
 */
export async function migrateTeam({
  file,
  env,
  credential,
}: {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly credential?: string;
}): Promise<{ schema: string }> {
  const check = checkConfigFile(file);
  if (!check.ok) throw new ScramError('config-invalid', `${file} has problems`, { action: 'run scram check' });
  const { teamStore } = check.config;
  if (teamStore === undefined) throw new ScramError('config-invalid', `${file} names no teamStore`);
  const log = createLog({ write: stderrWriter(), level: 'error' });
  const named = { ...teamStore, credential: credential ?? teamStore.credential };
  const ports = {
    vault: LOCKED_VAULT,
    env,
    runCommand,
    registerSecret: log.registerSecret,
    opened: { get: () => null },
  };
  const signal = AbortSignal.timeout(MIGRATION_LIMIT_MS);
  const { secret } = await resolveSecrets(
    { ...check.config, connections: [], notify: [], teamStore: named },
    ports,
    signal,
  );
  const baseDir = path.dirname(file);
  await migrateTeamStore(
    {
      connectionString: secret(named.credential),
      schema: named.schema,
      ...(named.ca === undefined ? {} : { caPem: textOf(named.ca, { baseDir }) }),
      clock: systemClock(log),
    },
    signal,
  );
  return { schema: named.schema };
}
