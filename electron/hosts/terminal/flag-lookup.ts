import type { ConnectionStatus } from '../../../shared/model/connection.ts';
import type { FlagRow } from '../../../shared/model/flag.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { nearNames } from '../../../shared/rules/naming.ts';
import type { ConsoleClient } from './client.ts';

export type FlagRef = Pick<FlagRow, 'connection' | 'key'>;

/** The environment by its exact name. Throws `not-found` with the names that exist (B3). */
export async function findEnvironment(client: ConsoleClient, name: string): Promise<string> {
  const { environments } = await client.snapshot('console.watch', {});
  const names = environments.map((item) => item.name);
  if (names.includes(name)) return name;
  throw new ScramError('not-found', `there is no environment «${name}»; there are: ${names.join(', ')}`);
}

/**
 * One flag by its key. A connection that has told nothing yet may have it: it is the one that is meant when it is the only
 * one, so that asking it says what is wrong with it. Throws `not-found` with near names, `conflict` when two connections
 * have it, `unreachable` when several could.
 */
export async function findFlag(
  client: ConsoleClient,
  environment: string,
  rows: readonly FlagRow[],
  key: string,
  connection: string | undefined,
): Promise<FlagRef> {
  const found = rows.filter((row) => row.key === key && (connection === undefined || row.connection === connection));
  const [only] = found;
  if (only && found.length === 1) return { connection: only.connection, key };
  if (only) {
    const where = found.map((row) => row.connection).join(', ');
    throw new ScramError('conflict', `«${key}» is in several connections: ${where}`, {
      action: 'name one with --connection',
    });
  }
  const unread = (await unreadConnections(client, environment)).filter(
    ({ id }) => connection === undefined || id === connection,
  );
  const [silent] = unread;
  if (silent && unread.length === 1) return { connection: silent.id, key };
  if (silent) {
    const reasons = unread.map(({ id, problem }) => `${id}: ${problem ?? 'no answer yet'}`).join('; ');
    throw new ScramError('unreachable', `whether there is a flag «${key}» cannot be told (${reasons})`, {
      action: 'name its connection with --connection, or see scram status',
    });
  }
  const near = nearNames(
    key,
    rows.map((row) => row.key),
  );
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  throw new ScramError('not-found', `there is no flag «${key}» in this environment${hint}`);
}

/** Flag connections of the environment of which nothing is known, not even from an earlier run. */
async function unreadConnections(client: ConsoleClient, environment: string): Promise<readonly ConnectionStatus[]> {
  const { connections } = await client.snapshot('console.watch', {});
  return connections.filter(
    ({ role, lastReadAtMs, environments }) =>
      role === 'flags' && lastReadAtMs === null && environments.some(({ name }) => name === environment),
  );
}

/** Every flag of the environment, once each connection has answered or failed. */
export async function flagRows(client: ConsoleClient, environment: string): Promise<readonly FlagRow[]> {
  const { rows } = await client.snapshot('flags.watch', { environment });
  return rows;
}
