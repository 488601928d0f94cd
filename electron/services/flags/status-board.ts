import type { ConnectionStatus } from '../../../shared/model/connection.ts';
import type { Clock } from '../ports.ts';
import type { FlagConnection } from './api.ts';
import type { Holding } from './holding.ts';
import type { FlagCapabilities } from './provider.ts';
import { type StatusView, statusOf } from './status.ts';

/** What is kept of one connection. */
interface Line {
  readonly connection: FlagConnection;
  readonly holdings: readonly Holding[];
  state: string;
  sinceMs: number;
  /** Flags of all its environments; null: to be counted anew. */
  items: number | null;
  told: string;
}

/** Status of each connection with the time since it holds, and whether there is news of it. */
export class StatusBoard {
  readonly #clock: Clock;
  readonly #lines: ReadonlyMap<FlagConnection, Line>;

  constructor(connections: readonly FlagConnection[], holdings: readonly Holding[], clock: Clock) {
    this.#clock = clock;
    const byConnection = Map.groupBy(holdings, (holding) => holding.connection);
    this.#lines = new Map(
      connections.map((connection) => [
        connection,
        {
          connection,
          holdings: byConnection.get(connection) ?? [],
          state: '',
          sinceMs: clock.now(),
          items: null,
          told: '',
        },
      ]),
    );
  }

  statuses(): ConnectionStatus[] {
    return Array.from(this.#lines.values(), (line): ConnectionStatus => {
      const { connection, holdings } = line;
      const view = this.#view(line);
      line.items ??= count(holdings);
      return {
        id: connection.id,
        kind: connection.provider.kind,
        role: 'flags',
        ...view,
        sinceMs: line.sinceMs,
        items: line.items,
        can: abilities(connection.provider.capabilities),
        environments: holdings.map(({ environment, providerEnvironment }) => ({
          name: environment,
          theirs: providerEnvironment,
        })),
      };
    });
  }

  /** True when a state or a problem, of this connection or of any, is another than at the last call; age is no news. */
  moved(connection?: FlagConnection): boolean {
    let moved = false;
    for (const line of connection === undefined ? this.#lines.values() : [this.#lines.get(connection)]) {
      if (!line) continue;
      const { state, problem, fromCache } = this.#view(line);
      const now = `${state} ${fromCache} ${problem}`;
      if (now !== line.told) moved = true;
      line.told = now;
    }
    return moved;
  }

  /** Flags came or went. */
  recount(connection: FlagConnection): void {
    const line = this.#lines.get(connection);
    if (line) line.items = null;
  }

  #view(line: Line): StatusView {
    const nowMs = this.#clock.now();
    const view = statusOf(line.holdings, nowMs, line.connection.staleAfterMs);
    if (line.state !== view.state) {
      line.state = view.state;
      line.sinceMs = nowMs;
    }
    return view;
  }
}

/** Exact once every environment was looked at; until then the most that any of them has. */
function count(holdings: readonly Holding[]): number {
  if (!holdings.every(({ awake }) => awake)) return Math.max(...holdings.map(({ items }) => items));
  const keys = new Set<string>();
  for (const { cells } of holdings) for (const key of cells.keys()) keys.add(key);
  return keys.size;
}

/** What the connection can do, by name. */
function abilities(can: FlagCapabilities): ConnectionStatus['can'] {
  const { watch, kill, restoreExact, rollout, bulk, audit, comment } = can;
  const all = { watch, kill, restore: restoreExact, rollout, bulk: bulk !== null, audit, comment } as const;
  return ABILITIES.filter((name) => all[name]);
}

const ABILITIES = ['watch', 'kill', 'restore', 'rollout', 'bulk', 'audit', 'comment'] as const;
