import { Bell, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { create } from 'zustand';
import { useText } from '../messages/index.ts';
import { IconButton } from './button.tsx';
import styles from './notices.module.css';

export interface Notice {
  /** The same thing is said once, however often it comes. */
  readonly id: string;
  readonly words: string;
  /** What can be done about it at once; it puts the notice away by itself. */
  readonly action?: ReactNode;
}

interface NoticesState {
  readonly notices: readonly Notice[];
  notify(notice: Notice): void;
  dismiss(id: string): void;
}

const MOST_SHOWN = 4;

export const useNotices = create<NoticesState>()((set) => ({
  notices: [],
  notify: (notice) =>
    set(({ notices }) => ({ notices: [...notices.filter(({ id }) => id !== notice.id), notice].slice(-MOST_SHOWN) })),
  dismiss: (id) => set(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) })),
}));

/** What has happened elsewhere and is not in sight. It takes no focus, stays until it is put away, and is read out (H1). */
export function Notices() {
  const t = useText();
  const { notices, dismiss } = useNotices();
  return (
    <section role="status" aria-label={t('kit.notices')} className={styles.notices}>
      {notices.map(({ id, words, action }) => (
        <div key={id} className={styles.notice}>
          <Bell aria-hidden size={16} />
          <p className={styles.words}>{words}</p>
          {action}
          <IconButton icon={X} size="s" variant="ghost" label={t('kit.dismiss')} onClick={() => dismiss(id)} />
        </div>
      ))}
    </section>
  );
}
