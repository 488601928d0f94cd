import { Users } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { type Client, useClient, useRights, useStream } from '../../client/index.ts';
import { useText } from '../../messages/index.ts';
import { othersOf, presenceText } from './presence.ts';
import styles from './team.module.css';

/** Changes of view are told to the others at most so often. */
const TELL_MS = 10_000;
const MOST_NAMED = 2;

export interface HereProps {
  /** What the person here is at: the open view. */
  readonly doing: string;
}

/** The others who are here, and what they are at; and tells them the same of this console (D8). */
export function Here({ doing }: HereProps) {
  const t = useText();
  const { nameOf, people } = useRights();
  const { data: team, status } = useStream('team.watch', {});
  const own = useStream('console.watch', {}).data?.device;
  useTell(doing, people?.me?.operator ?? null, team?.configured ?? false);
  const others = othersOf(team, own);
  // Who was here is not who is here.
  if (status !== 'live' || others.length === 0) return null;
  const words = others.map((each) =>
    presenceText(each, each.operator === null ? t('team.somebody') : nameOf(each.operator)),
  );
  return (
    <ul className={styles.here} aria-label={t('team.here')} title={words.join('\n')}>
      {words.slice(0, MOST_NAMED).map((text, index) => (
        <li key={others[index]?.device} className={styles.person}>
          <span aria-hidden className={styles.dot} />
          <span className={styles.words}>{text}</span>
        </li>
      ))}
      {words.length > MOST_NAMED ? (
        <li className={styles.person}>
          <Users aria-hidden size={13} />
          {t('team.more', { count: words.length - MOST_NAMED })}
        </li>
      ) : null}
    </ul>
  );
}

/** Told anew when somebody unlocks or locks it too: the back end takes the person from the session. */
function useTell(doing: string, me: string | null, configured: boolean): void {
  const client = useClient();
  const told = useRef<{ doing: string; me: string | null; atMs: number }>({
    doing: '',
    me: null,
    atMs: Number.NEGATIVE_INFINITY,
  });
  useEffect(() => {
    const last = told.current;
    if (!configured || (last.doing === doing && last.me === me)) return;
    const soonest = last.me === me ? last.atMs + TELL_MS : 0;
    const timer = setTimeout(
      () => {
        told.current = { doing, me, atMs: performance.now() };
        tell(client, doing);
      },
      Math.max(0, soonest - performance.now()),
    );
    return () => clearTimeout(timer);
  }, [client, doing, me, configured]);
}

function tell(client: Client, doing: string): void {
  client.call('team.doing', { doing }).catch(() => {
    // A courtesy to the others: that the store is away is shown already, and the next view is told again.
  });
}
