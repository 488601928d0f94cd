import type { Config } from '../../shared/model/config/index.ts';
import { createPostgresTeamStore } from '../providers/team/postgres/index.ts';
import type { Trust } from '../services/ledger/api.ts';
import type { Roster } from '../services/operators/api.ts';
import { signedBy } from '../services/operators/public-key.ts';
import type { TeamStore } from '../services/team/store.ts';
import { type ConnectionContext, textOf } from './connections.ts';

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
    mayRedact: ({ operator }) => roster().operator(operator)?.roles.includes('admin') ?? false,
  };
}
