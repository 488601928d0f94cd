import { BellOff } from 'lucide-react';
import type { NotifyTargetState } from '../../../shared/model/notify.ts';
import { notifyEventSchema } from '../../../shared/model/notify.ts';
import { useAction, useStream } from '../../client/index.ts';
import {
  Badge,
  Button,
  EmptyState,
  Panel,
  Skeleton,
  StatusPill,
  Table,
  Td,
  Th,
  Time,
  type Tint,
  Tr,
  useRefusal,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { Failed } from './failed.tsx';
import styles from './setup.module.css';

const TINT: Readonly<Record<NotifyTargetState['state'], Tint>> = {
  ready: 'green',
  sending: 'blue',
  failing: 'amber',
  error: 'amber',
};
const EVERY_EVENT = notifyEventSchema.options.length;

/** Who is told what happens, whether it reaches them, and a way to try it (A8). */
export function NotifyPanel() {
  const t = useText();
  const { data, error } = useStream('notify.watch', {});
  return (
    <Panel title={t('notify.title')} flush>
      {data === undefined ? (
        error ? (
          <Failed title={t('notify.failed')} error={error} />
        ) : (
          <div className={styles.padded}>
            <Skeleton lines={2} />
          </div>
        )
      ) : data.targets.length === 0 ? (
        <EmptyState icon={BellOff} title={t('notify.none')}>
          {t('notify.noneHint')}
        </EmptyState>
      ) : (
        <Table label={t('notify.title')}>
          <thead>
            <tr>
              <Th>{t('notify.target')}</Th>
              <Th>{t('notify.takes')}</Th>
              <Th>{t('notify.state')}</Th>
              <Th>{t('notify.lastSent')}</Th>
              <Th>
                <span className="visually-hidden">{t('notify.test')}</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {data.targets.map((target) => (
              <TargetLine key={target.id} target={target} />
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  );
}

function TargetLine({ target }: { readonly target: NotifyTargetState }) {
  const t = useText();
  const probe = useAction('notify.probe');
  const refusal = useRefusal('act');
  const { id, kind, events, state, waiting, lastSentAtMs } = target;
  const problem = probe.error?.message ?? (probe.data?.ok === false ? probe.data.detail : target.problem);
  const takes =
    events.length >= EVERY_EVENT - 1
      ? t('notify.everything')
      : events.map((event) => t(`notify.event.${event}`)).join(', ');
  return (
    <Tr>
      <Th scope="row" className={styles.nameCell}>
        <span className={styles.badges}>
          {id} <Badge>{kind}</Badge>
        </span>
      </Th>
      <Td className={styles.wrap}>{takes}</Td>
      <Td className={styles.wrap}>
        <span role="status">
          {probe.data?.ok ? (
            <StatusPill tint="green">{t('notify.testOk', { ms: Math.round(probe.data.latencyMs) })}</StatusPill>
          ) : probe.data || probe.error ? (
            <StatusPill tint="amber">{t('notify.testBad')}</StatusPill>
          ) : (
            <StatusPill tint={TINT[state]}>{t(`notify.state.${state}`)}</StatusPill>
          )}
        </span>
        {waiting > 0 ? <span className={styles.hint}>{t('notify.waiting', { count: waiting })}</span> : null}
        {problem ? <span className={styles.hint}>{problem}</span> : null}
      </Td>
      <Td>{lastSentAtMs === null ? t('notify.never') : <Time atMs={lastSentAtMs} />}</Td>
      <Td className={styles.rowButtons}>
        <Button
          size="s"
          aria-label={t('notify.testNamed', { target: id })}
          aria-disabled={refusal !== null}
          title={refusal ?? undefined}
          busy={probe.isPending}
          onClick={() => refusal === null && probe.mutate({ target: id })}
        >
          {t('notify.test')}
        </Button>
      </Td>
    </Tr>
  );
}
