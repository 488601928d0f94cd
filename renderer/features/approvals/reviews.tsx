import { useEffect, useRef, useState } from 'react';
import type { BreakGlassItem } from '../../../shared/model/approval.ts';
import { useAction, useRights, useStream } from '../../client/index.ts';
import { code, environment as named, Sentence } from '../../kit/change/index.ts';
import {
  Button,
  Code,
  durationText,
  EnvironmentName,
  Panel,
  StatusPill,
  TextArea,
  Time,
  useRefusal,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { Countdown } from './countdown.tsx';
import { Failed } from './failed.tsx';
import { REVIEWS, showReviews } from './show-reviews.ts';
import { toReview } from './sort.ts';

/** Break-glass that somebody else must still look at: who, why, what was done, and the verdict (D3). */
export function Reviews({ glass }: { readonly glass: readonly BreakGlassItem[] }) {
  const t = useText();
  const due = toReview(glass);
  useEffect(() => {
    if (window.location.hash === `#${REVIEWS}`) showReviews();
  }, []);
  if (due.length === 0) return null;
  return (
    <div id={REVIEWS}>
      <Panel title={t('approvals.toReview')} flush>
        <ul aria-label={t('approvals.toReview')}>
          {due.map((item) => (
            <Review key={item.glass.id} item={item} />
          ))}
        </ul>
      </Panel>
    </div>
  );
}

function Review({ item }: { readonly item: BreakGlassItem }) {
  const t = useText();
  const review = useAction('approvals.reviewBreakGlass');
  const { people } = useRights();
  const right = useRefusal('approve');
  const noteRef = useRef<HTMLTextAreaElement>(null);
  const [missing, setMissing] = useState(false);
  const environments = useStream('console.watch', {}).data?.environments ?? [];
  const { glass, operatorName, state, endedAtMs, changes } = item;
  const tone = environments.find(({ name }) => name === glass.environment)?.tone ?? 'neutral';
  const refusal = right ?? (people?.me?.operator === glass.operator ? t('approvals.reviewOwn') : null);
  const pending = review.isPending ? review.variables.verdict : null;
  const give = (verdict: 'accepted' | 'contested') => {
    if (refusal !== null || pending !== null) return;
    const note = noteRef.current?.value.trim() ?? '';
    const short = verdict === 'contested' && note === '';
    setMissing(short);
    if (short) noteRef.current?.focus();
    else review.mutate({ id: glass.id, verdict, note });
  };
  const lasted = (endedAtMs ?? glass.untilMs) - glass.openedAtMs;
  return (
    <li className={styles.review}>
      <p className={styles.lead}>
        <strong>{operatorName}</strong> {t('approvals.actedAlone')}{' '}
        <EnvironmentName name={glass.environment} tone={tone} />
      </p>
      <p className={styles.line}>
        <StatusPill tint={state === 'overdue' ? 'red' : 'amber'}>{t(`approvals.glassState.${state}`)}</StatusPill>
        {state === 'overdue' ? null : <Countdown untilMs={glass.reviewByMs} />}
        <span>
          <Time atMs={glass.openedAtMs} as="record" />
        </span>
        <span>{t('approvals.glassLasted', { duration: durationText(lasted) })}</span>
      </p>
      <p>
        <span className={styles.muted}>{t('approvals.reason')}</span> {glass.reason}
      </p>
      <div>
        <span className={styles.muted}>{t('approvals.glassChanges', { count: changes.length })}</span>
        <ul className={styles.glassChanges}>
          {changes.map((hash) => (
            <Made key={hash} hash={hash} />
          ))}
        </ul>
      </div>
      <TextArea
        ref={noteRef}
        label={t('approvals.note')}
        hint={t('approvals.noteHint')}
        problem={missing ? t('approvals.noteNeeded') : undefined}
        maxLength={2000}
      />
      <div className={styles.buttons}>
        {(['accepted', 'contested'] as const).map((verdict) => (
          <Button
            key={verdict}
            variant={verdict === 'accepted' ? 'primary' : 'default'}
            busy={pending === verdict}
            aria-disabled={refusal !== null || pending !== null}
            title={refusal ?? undefined}
            onClick={() => give(verdict)}
          >
            {t(`approvals.verdict.${verdict}`)}
          </Button>
        ))}
        {refusal === null ? null : <span className={styles.muted}>{refusal}</span>}
      </div>
      <Failed title={t('approvals.reviewFailed')} error={review.error} />
    </li>
  );
}

const DID = { kill: 'changes.didKill', undo: 'changes.didUndo', rollout: 'changes.didRollout' } as const;

/** One change that ran without a second person; its hash alone where this console does not hold it. */
function Made({ hash }: { readonly hash: string }) {
  const { data } = useStream('changes.watch', { hash });
  if (!data) {
    return (
      <li>
        <Code>{hash.slice(0, 12)}</Code>
      </li>
    );
  }
  const { action, flag, environment, tone, after } = data.change.payload;
  const params = { flag: code(flag), environment: named(environment, tone), percentage: after.percentage ?? 0 };
  return (
    <li>
      <Sentence id={DID[action]} params={params} />
      {data.change.rationale === '' ? null : `: ${data.change.rationale}`}
    </li>
  );
}
