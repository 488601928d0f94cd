import { CircleCheck, CircleX, Hourglass } from 'lucide-react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { useAction } from '../../client/index.ts';
import { Button, Code, useNow } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { CheckCode } from './check-code.tsx';
import { Countdown } from './countdown.tsx';
import { Failed } from './failed.tsx';
import { shortDevice } from './short-device.ts';
import { stateOf } from './state-of.ts';
import { Ways } from './ways.tsx';
import { Why } from './why.tsx';

/** In the confirmation: how a request stands, and the three ways to the second person (D4). */
export function WaitingPanel({ item }: { readonly item: ApprovalItem }) {
  const t = useText();
  const withdraw = useAction('approvals.withdraw');
  const state = stateOf(item, useNow());
  const name = item.deciderName ?? '';
  const { body } = item.request;
  return (
    <section aria-label={t('approvals.waitingFor')} className={styles.waiting} data-state={state}>
      <div role="status" className={styles.state}>
        {state === 'waiting' ? (
          <>
            <Hourglass aria-hidden size={18} />
            <strong>{t('approvals.waitingFor')}</strong>
          </>
        ) : state === 'approved' ? (
          <>
            <CircleCheck aria-hidden size={18} />
            <strong>{t('approvals.approvedBy', { name })}</strong>
            {item.executableHere ? null : (
              <span>
                {t('approvals.executeThere')} <Code>{shortDevice(body.device)}</Code>
              </span>
            )}
          </>
        ) : (
          <>
            <CircleX aria-hidden size={18} />
            <strong>{t(`approvals.ended.${state}`, { name })}</strong>
          </>
        )}
      </div>
      {state === 'waiting' || state === 'approved' ? (
        <p className={styles.line}>
          <Countdown untilMs={item.decision?.body.expiresAtMs ?? body.expiresAtMs} />
          <span>
            {t('approvals.checkCode')} <CheckCode code={item.checkCode} />
          </span>
          {state === 'waiting' ? (
            <Button
              size="s"
              variant="ghost"
              busy={withdraw.isPending}
              onClick={() => withdraw.mutate({ request: item.request.hash })}
            >
              {t('approvals.withdraw')}
            </Button>
          ) : null}
        </p>
      ) : (
        <p>
          <Why item={item} /> {t(`approvals.endedHow.${state}`)}
        </p>
      )}
      <Failed title={t('approvals.withdrawFailed')} error={withdraw.error} />
      {state === 'waiting' ? <Ways item={item} /> : null}
    </section>
  );
}
