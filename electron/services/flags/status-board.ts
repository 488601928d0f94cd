import type { ConnectionStatus } from '../../../shared/model/connection.ts';
import type { Clock } from '../ports.ts';
import type { FlagConnection } from './api.ts';
import type { Holding } from './holding.ts';
import { type StatusView, statusOf } from './status.ts';

/** Status of each connection with the time since it holds, and whether there is news of it. */
export class StatusBoard {
  readonly #connections: readonly FlagConnection[];
  readonly #holdings: readonly Holding[];
  readonly #clock: Clock;
  readonly #since = new Map<FlagConnection, { state: string; atMs: number }>();
  readonly #counts = new Map<FlagConnection, number>();
  #told = '';

  constructor(connections: readonly FlagConnection[], holdings: readonly Holding[], clock: Clock) {
    this.#connections = connections;
    this.#holdings = holdings;
    this.#clock = clock;
  }

  statuses(): ConnectionStatus[] {
    return this.#connections.map((connection): ConnectionStatus => {
      const view = this.#view(connection);
      const items = this.#counts.get(connection) ?? this.#count(connection);
      const sinceMs = this.#since.get(connection)?.atMs ?? this.#clock.now();
      const environments = this.#holdings
        .filter((holding) => holding.connection === connection)
        .map(({ environment, providerEnvironment }) => ({ name: environment, theirs: providerEnvironment }));
      return { environments, id: connection.id, kind: connection.provider.kind, role: 'flags', ...view, sinceMs, items };
    });
  }

  /** True when a state or a problem is another than at the last call; the age alone is not news. */
  moved(): boolean {
    const now = this.#connections
      .map((connection) => this.#view(connection))
      .map(({ state, problem, fromCache }) => `${state} ${fromCache} ${problem}`)
      .join('\n');
    const moved = now !== this.#told;
    this.#told = now;
    return moved;
  }

  /** Flags came or went. */
  recount(connection: FlagConnection): void {
    this.#counts.delete(connection);
  }

  #view(connection: FlagConnection): StatusView {
    const nowMs = this.#clock.now();
    const own = this.#holdings.filter((holding) => holding.connection === connection);
    const view = statusOf(own, nowMs, connection.staleAfterMs);
    if (this.#since.get(connection)?.state !== view.state) {
      this.#since.set(connection, { state: view.state, atMs: nowMs });
    }
    return view;
  }

  #count(connection: FlagConnection): number {
    const keys = new Set<string>();
    for (const holding of this.#holdings) {
      if (holding.connection === connection) for (const key of holding.cells.keys()) keys.add(key);
    }
    this.#counts.set(connection, keys.size);
    return keys.size;
  }
}
