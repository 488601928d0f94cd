import { ScramError } from '../../shared/model/error.ts';
import type { Presence } from '../../shared/model/team.ts';
import type { LedgerRow, TeamStore } from '../../electron/services/team/store.ts';

export interface MemoryTeam {
  readonly rows: LedgerRow[];
  readonly presence: Map<string, Presence>;
  /** Throws what each operation throws; null when the store is there. */
  down: unknown;
  /** Notifications are lost while true. */
  deaf: boolean;
  /** Operations by name, and the device where there is one. */
  readonly calls: string[];
  /** A connection of one more console. */
  store(): TeamStore & { loseListening(): void };
}

/** The port on an array that several consoles share. */
export function memoryTeam(): MemoryTeam {
  const hearing = new Set<(device: string | null) => void>();
  const add = (row: LedgerRow): boolean => {
    const there = team.rows.some(
      (held) => held.device === row.device && held.sequence === row.sequence && held.hash === row.hash,
    );
    if (!there) team.rows.push(row);
    return !there;
  };
  const of = (device: string) =>
    team.rows
      .filter((row) => row.device === device)
      .sort((a, b) => a.sequence - b.sequence || (a.hash < b.hash ? -1 : 1));

  const team: MemoryTeam = {
    rows: [],
    presence: new Map(),
    down: null,
    deaf: false,
    calls: [],
    store() {
      let lost: (error: unknown) => void = () => {};
      const called = async (name: string): Promise<void> => {
        team.calls.push(name);
        await Promise.resolve();
        if (team.down !== null) throw team.down;
      };
      return {
        connect: () => called('connect'),
        async heads() {
          await called('heads');
          const heads = new Map<string, number>();
          for (const { device, sequence } of team.rows) heads.set(device, Math.max(sequence, heads.get(device) ?? 0));
          return heads;
        },
        async held(marks) {
          await called('held');
          return new Set(
            marks
              .filter(({ device, sequence, hash }) => {
                const chain = of(device);
                const before = new Set(chain.filter((row) => row.sequence <= sequence).map((row) => row.sequence));
                return before.size === sequence && chain.some((row) => row.sequence === sequence && row.hash === hash);
              })
              .map(({ device }) => device),
          );
        },
        async push(rows) {
          await called(`push ${rows[0]?.device} ${rows[0]?.sequence}-${rows.at(-1)?.sequence}`);
          const told = new Set(rows.filter(add).map((row) => row.device));
          if (!team.deaf) for (const device of told) for (const tell of hearing) tell(device);
        },
        async pull(device, after, limit) {
          await called(`pull ${device}`);
          return of(device)
            .filter((row) => row.sequence > after)
            .slice(0, limit);
        },
        async doubles(device, limit) {
          await called(`doubles ${device}`);
          const chain = of(device);
          const twice = (row: LedgerRow) => chain.filter((other) => other.sequence === row.sequence).length > 1;
          return chain.filter(twice).slice(0, limit);
        },
        listen(onMore, onLost) {
          team.calls.push('listen');
          hearing.add(onMore);
          lost = onLost;
          queueMicrotask(() => onMore(null));
          return { dispose: () => void hearing.delete(onMore) };
        },
        async setPresence(presence) {
          await called('setPresence');
          team.presence.set(presence.device, presence);
        },
        async presence(sinceMs) {
          await called('presence');
          return [...team.presence.values()].filter(({ atMs }) => atMs >= sinceMs);
        },
        async dispose() {
          team.calls.push('dispose');
        },
        loseListening: () => lost(new ScramError('unreachable', 'the connection was closed')),
      };
    },
  };
  return team;
}
