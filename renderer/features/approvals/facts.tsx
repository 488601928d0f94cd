import type { ReactNode } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { Code, EnvironmentName, Time } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { CheckCode } from './check-code.tsx';
import { Countdown } from './countdown.tsx';
import { shortDevice } from './short-device.ts';

/** Who asks, from where, why, until when, and the code to compare by voice. */
export function Facts({ item }: { readonly item: ApprovalItem }) {
  const t = useText();
  const { body } = item.request;
  const tone = item.changes[0]?.payload.tone ?? 'neutral';
  const rationale = item.batch?.rationale ?? item.changes[0]?.rationale ?? '';
  return (
    <dl className={styles.facts}>
      <Fact name={t('approvals.environment')}>
        <EnvironmentName name={body.environment} tone={tone} />
      </Fact>
      <Fact name={t('approvals.requester')}>
        <strong>{item.requesterName}</strong> · <Time atMs={body.atMs} />
      </Fact>
      <Fact name={t('approvals.console')}>
        <span title={body.device}>
          <Code>{shortDevice(body.device)}</Code>
        </span>
        <div className={styles.muted}>{t(`approvals.origin.${item.origin}`)}</div>
      </Fact>
      <Fact name={t('approvals.reason')}>
        {rationale === '' ? <span className={styles.muted}>{t('approvals.noReason')}</span> : rationale}
      </Fact>
      <Fact name={t('approvals.expires')}>
        <Countdown untilMs={body.expiresAtMs} />
      </Fact>
      <Fact name={t('approvals.contingency')}>{contingency(item, t)}</Fact>
      <Fact name={t('approvals.checkCode')}>
        <CheckCode code={item.checkCode} />
      </Fact>
    </dl>
  );
}

function contingency({ changes }: ApprovalItem, t: ReturnType<typeof useText>): string {
  const slis = [...new Set(changes.flatMap(({ payload }) => payload.affectedSlis))];
  return slis.length === 0
    ? t('approvals.contingencyBlind')
    : t('approvals.contingencyWatched', { slis: slis.join(', ') });
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
