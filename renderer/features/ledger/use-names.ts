import { useMemo, useRef } from 'react';
import { useRights, useStream } from '../../client/index.ts';
import { useText } from '../../messages/index.ts';
import { consoleName, createNameBook, type Names } from './names.ts';
import type { Loaded } from './paging.ts';

/** Names of people, consoles, changes and incidents: from the roster, from the chains, and from what has been read. */
export function useNames(loaded: Loaded | null): Names {
  const t = useText();
  const { people } = useRights();
  const chains = useStream('team.watch', {}).data?.chains;
  const own = useStream('console.watch', {}).data?.device;
  const incidents = useStream('incidents.watch', {}).data?.incidents;
  const book = useRef(createNameBook());
  const learnt = useRef<Loaded | null>(null);
  // Learnt before the lines are drawn: a line never shows a hash first and its name a moment later.
  if (loaded !== null && learnt.current !== loaded) {
    for (const entry of loaded.byPlace.values()) book.current.learn(entry);
    learnt.current = loaded;
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the book has learnt makes the names new
  return useMemo(() => {
    const person = (operator: string) => people?.roster.operators.find(({ id }) => id === operator)?.name ?? operator;
    const thisConsole = t('ledger.thisConsole');
    return {
      person,
      console: (device) => (device === own ? thisConsole : consoleName(device, chains ?? [], thisConsole, person)),
      change: book.current.change,
      incident: (id) => incidents?.find((each) => each.id === id)?.title ?? book.current.incident(id),
    };
  }, [people, chains, own, incidents, t, loaded]);
}
