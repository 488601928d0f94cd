import { ScramError } from '../../../shared/model/error.ts';
import { nearNames } from '../../../shared/rules/naming.ts';
import type { FlagRef } from './api.ts';
import type { Holding } from './holding.ts';

/** Finds a flag by key alone. Throws `not-found` with near names, `conflict` when two connections have it. */
export function findFlag(holdings: readonly Holding[], key: string, connection: string | undefined): FlagRef {
  const within = holdings.filter((holding) => connection === undefined || holding.connection.id === connection);
  const owners = [
    ...new Set(within.filter((holding) => holding.cells.has(key)).map((holding) => holding.connection.id)),
  ];
  const [owner] = owners;
  if (owner === undefined) {
    const near = nearNames(key, new Set(within.flatMap((holding) => [...holding.cells.keys()])));
    throw new ScramError('not-found', `there is no flag ${key}${connection === undefined ? '' : ` in ${connection}`}`, {
      action: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'List the flags to see their keys.',
    });
  }
  if (owners.length > 1) {
    throw new ScramError('conflict', `flag ${key} is in ${owners.join(' and ')}`, {
      action: 'Name the connection too.',
    });
  }
  return { connection: owner, key };
}
