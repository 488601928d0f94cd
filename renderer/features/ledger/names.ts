import type { Entry } from '../../../shared/model/entry.ts';
import type { Chain } from '../../../shared/model/team.ts';

/** What stands behind the ids of entries, as far as this page has seen it. */
export interface Names {
  person(operator: string): string;
  /** A console, short enough for a line. */
  console(device: string): string;
  /** Flag and environment of a change, or name of a bulk kill, by its hash; null while its proposal was not seen. */
  change(hash: string): { readonly flag: string; readonly environment: string } | null;
  incident(id: string): string | null;
}

/** The first hex digits of an id or a hash: enough to tell them apart by eye. */
export const short = (id: string): string => id.slice(0, 8);

/** Learns the names that entries bring along, so that later ones need not be read by hash. */
export function createNameBook() {
  const changes = new Map<string, { flag: string; environment: string }>();
  const incidents = new Map<string, string>();
  return {
    learn({ body: { data } }: Entry): void {
      if (data.kind === 'change.proposed') {
        const { flag, environment } = data.change.payload;
        changes.set(data.change.hash, { flag, environment });
      } else if (data.kind === 'batch.proposed') {
        changes.set(data.batch.hash, { flag: data.batch.name, environment: data.batch.environment });
      } else if (data.kind === 'approval.imported') {
        for (const { hash, payload } of data.changes) {
          changes.set(hash, { flag: payload.flag, environment: payload.environment });
        }
      } else if (data.kind === 'incident.opened') {
        incidents.set(data.incident.id, data.incident.title);
      }
    },
    change: (hash: string) => changes.get(hash) ?? null,
    incident: (id: string) => incidents.get(id) ?? null,
  };
}

export type NameBook = ReturnType<typeof createNameBook>;

/** "this console", or the people who unlock it and the first digits of its id. */
export function consoleName(
  device: string,
  chains: readonly Chain[],
  here: string,
  person: (operator: string) => string,
): string {
  const chain = chains.find((each) => each.device === device);
  if (chain?.here) return here;
  const people = (chain?.operators ?? []).map(person).join(', ');
  return people === '' ? short(device) : `${people} · ${short(device)}`;
}
