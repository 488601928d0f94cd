import { durationText, useNow } from '../../kit/index.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { deadlineText } from './deadline.ts';

const SOON_MS = 2 * 60_000;

/** How long it still holds. Read out is the time of its end, which does not change each second (H1). */
export function Countdown({ untilMs }: { readonly untilMs: number }) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const now = useNow();
  const leftMs = Math.max(0, untilMs - now);
  return (
    <span className={styles.countdown} data-soon={leftMs < SOON_MS || undefined}>
      <span aria-hidden>{t('approvals.left', { duration: durationText(leftMs) })}</span>{' '}
      <time dateTime={new Date(untilMs).toISOString()} className={styles.muted}>
        {t('approvals.until', { time: deadlineText(untilMs, now, language) })}
      </time>
    </span>
  );
}
