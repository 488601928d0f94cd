import type { FlagRow } from '../../../shared/model/flag.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { nearNames } from '../../../shared/rules/naming.ts';
import type { ConsoleClient } from './client.ts';

/** The environment by its exact name. Throws `not-found` with the names that exist (B3). */
export async function findEnvironment(client: ConsoleClient, name: string): Promise<string> {
  const { environments } = await client.snapshot('console.watch', {});
  const names = environments.map((item) => item.name);
  if (names.includes(name)) return name;
  throw new ScramError('not-found', `there is no environment «${name}»; there are: ${names.join(', ')}`);
}

/** One flag by its key. Throws `not-found` with near names, `conflict` when two connections have it. */
export function findFlag(rows: readonly FlagRow[], key: string, connection: string | undefined): FlagRow {
  const found = rows.filter((row) => row.key === key && (connection === undefined || row.connection === connection));
  const [only] = found;
  if (only && found.length === 1) return only;
  if (only) {
    const where = found.map((row) => row.connection).join(', ');
    throw new ScramError('conflict', `«${key}» is in several connections: ${where}`, {
      action: 'name one with --connection',
    });
  }
  const near = nearNames(
    key,
    rows.map((row) => row.key),
  );
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  throw new ScramError('not-found', `there is no flag «${key}» in this environment${hint}`);
}

/** Every flag of the environment, once each connection has answered or failed. */
export async function flagRows(client: ConsoleClient, environment: string): Promise<readonly FlagRow[]> {
  const { rows } = await client.snapshot('flags.watch', { environment });
  return rows;
}
