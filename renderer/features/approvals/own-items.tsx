import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { useAction } from '../../client/index.ts';
import { Button, Code, Panel, StatusPill, useNow, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { Asks, asksText } from './asks.tsx';
import { CheckCode } from './check-code.tsx';
import { Countdown } from './countdown.tsx';
import { Failed } from './failed.tsx';
import { shortDevice } from './short-device.ts';
import { stateOf } from './state-of.ts';

/** One's own requests: nobody decides about their own, so they stand apart (D1). */
export function OwnItems({ items }: { readonly items: readonly ApprovalItem[] }) {
  const t = useText();
  if (items.length === 0) return null;
  return (
    <Panel title={t('approvals.own')} flush>
      <ul aria-label={t('approvals.own')}>
        {items.map((item) => (
          <OwnItem key={item.request.hash} item={item} />
        ))}
      </ul>
    </Panel>
  );
}

function OwnItem({ item }: { readonly item: ApprovalItem }) {
  const t = useText();
  const askApproval = usePage((state) => state.askApproval);
  const withdraw = useAction('approvals.withdraw');
  const state = stateOf(item, useNow());
  const { hash, body } = item.request;
  const what = asksText(t, item);
  return (
    <li className={styles.row}>
      <div className={styles.rowWords}>
        <p>
          <Asks item={item} />
        </p>
        <p className={styles.line}>
          <StatusPill tint={state === 'approved' ? 'green' : state === 'waiting' ? 'blue' : 'amber'}>
            {state === 'approved'
              ? t('approvals.approvedBy', { name: item.deciderName ?? '' })
              : t(`approvals.state.${state}`)}
          </StatusPill>
          <Countdown untilMs={item.decision?.body.expiresAtMs ?? body.expiresAtMs} />
          <span>
            {t('approvals.checkCode')} <CheckCode code={item.checkCode} />
          </span>
          {item.executableHere ? null : (
            <span>
              {t('approvals.executeThere')} <Code>{shortDevice(body.device)}</Code>
            </span>
          )}
        </p>
        <Failed title={t('approvals.withdrawFailed')} error={withdraw.error} />
      </div>
      <div className={styles.buttons}>
        <Button
          variant={state === 'approved' && item.executableHere ? 'primary' : 'default'}
          aria-label={`${t(state === 'approved' ? 'approvals.execute' : 'approvals.openWays')} ${what}`}
          onClick={() => askApproval(hash)}
        >
          {t(state === 'approved' && item.executableHere ? 'approvals.execute' : 'approvals.openWays')}
        </Button>
        <Button
          aria-label={`${t('approvals.withdraw')}: ${what}`}
          busy={withdraw.isPending}
          onClick={() => withdraw.mutate({ request: hash })}
        >
          {t('approvals.withdraw')}
        </Button>
      </div>
    </li>
  );
}
