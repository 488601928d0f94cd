import { Eye, Siren } from 'lucide-react';
import { Link } from 'wouter';
import type { BreakGlassItem } from '../../../shared/model/approval.ts';
import { useAction, useStream } from '../../client/index.ts';
import { Button, clockTime, durationText, EnvironmentName, Strip, useNow, useRefusal } from '../../kit/index.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { deadlineText } from './deadline.ts';
import { REVIEWS, showReviews } from './show-reviews.ts';
import { toReview } from './sort.ts';

const MOST_OF_REASON = 160;

/** Across every view: loud while the glass is broken, calmer until a second person has looked at it (D3). */
export function GlassStrips() {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const minute = useNow(60_000);
  const { data } = useStream('approvals.watch', {});
  const environments = useStream('console.watch', {}).data?.environments ?? [];
  if (!data) return null;
  const open = data.glass.filter(({ state }) => state === 'open');
  const due = toReview(data.glass);
  const [first] = due;
  const overdue = due.filter(({ state }) => state === 'overdue').length;
  return (
    <>
      {open.map((item) => {
        const tone = environments.find(({ name }) => name === item.glass.environment)?.tone ?? 'production';
        return <OpenGlass key={item.glass.id} item={item} tone={tone} />;
      })}
      {first ? (
        <Strip
          icon={Eye}
          tint="amber"
          action={
            <Link href={`/approvals#${REVIEWS}`} className={styles.stripLink ?? ''} onClick={showReviews}>
              {t('approvals.review')}
            </Link>
          }
        >
          {due.length === 1
            ? t(overdue === 0 ? 'approvals.strip.review' : 'approvals.strip.overdue', {
                name: first.operatorName,
                environment: first.glass.environment,
                time: deadlineText(first.glass.reviewByMs, minute, language),
              })
            : t('approvals.strip.reviews', { count: due.length, overdue })}
        </Strip>
      ) : null}
    </>
  );
}

/** A reason that fits a line or two; whole in the review and in the record. */
function shortened(reason: string): string {
  const text = reason.replace(/\s+/g, ' ');
  return text.length > MOST_OF_REASON ? `${text.slice(0, MOST_OF_REASON - 1)}…` : text;
}

function OpenGlass({ item, tone }: { readonly item: BreakGlassItem; readonly tone: 'production' | 'neutral' }) {
  const t = useText();
  const end = useAction('approvals.endBreakGlass');
  const refusal = useRefusal('act');
  const leftMs = Math.max(0, item.glass.untilMs - useNow());
  return (
    <Strip
      icon={Siren}
      tint="alarm"
      action={
        <Button
          size="s"
          busy={end.isPending}
          aria-disabled={refusal !== null}
          title={refusal ?? undefined}
          onClick={() => refusal === null && end.mutate({ id: item.glass.id })}
        >
          {t('approvals.endNow')}
        </Button>
      }
    >
      <strong>
        {t('approvals.strip.open')}{' '}
        <span className={styles.onAlarm}>
          <EnvironmentName name={item.glass.environment} tone={tone} />
        </span>
      </strong>{' '}
      {t('approvals.strip.alone', { name: item.operatorName, time: clockTime(item.glass.untilMs) })}{' '}
      <span aria-hidden>({t('approvals.left', { duration: durationText(leftMs) })})</span>.{' '}
      <span title={item.glass.reason}>{t('approvals.strip.reason', { reason: shortened(item.glass.reason) })}</span>
      {end.error ? ` ${end.error.message}` : null}
    </Strip>
  );
}
