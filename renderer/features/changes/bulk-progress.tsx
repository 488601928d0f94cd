import { CircleX, Hourglass } from 'lucide-react';
import type { BatchItem, BatchProgress } from '../../../shared/model/batch.ts';
import { useStream } from '../../client/index.ts';
import {
  clockTime,
  Code,
  ErrorState,
  Skeleton,
  StatusPill,
  Table,
  Td,
  Th,
  Time,
  type Tint,
  Tr,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './changes.module.css';

const TINTS: Readonly<Record<BatchItem['stage'], Tint>> = {
  proposed: 'neutral',
  requested: 'blue',
  accepted: 'blue',
  served: 'blue',
  observed: 'green',
  refused: 'red',
  'approval-required': 'amber',
  conflict: 'red',
  failed: 'red',
};

export interface BatchCounts {
  readonly total: number;
  readonly requested: number;
  readonly accepted: number;
  readonly served: number;
  readonly observed: number;
  readonly failed: number;
}

export function countsOf({ items }: BatchProgress): BatchCounts {
  const count = (test: (item: BatchItem) => boolean) => items.filter(test).length;
  return {
    total: items.length,
    requested: count(({ stage }) => stage !== 'proposed'),
    accepted: count((item) => item.acceptedAtMs !== null),
    served: count((item) => item.servedAtMs !== null),
    observed: count((item) => item.observedAtMs !== null),
    failed: count((item) => hasFailed(item)),
  };
}

function hasFailed({ stage }: BatchItem): boolean {
  return stage === 'failed' || stage === 'conflict' || stage === 'refused' || stage === 'approval-required';
}

/** A bulk kill as it goes on: the sum first, then what did not work, then the rest in order (B4, B14). */
export function BulkProgress({ hash }: { readonly hash: string }) {
  const t = useText();
  const { data, status, receivedAtMs, error } = useStream('changes.watchBatch', { hash });
  if (!data) {
    return error ? (
      <ErrorState title={t('changes.failed')} detail={error.message} action={error.action} />
    ) : (
      <Skeleton lines={4} />
    );
  }
  const { failed } = countsOf(data);
  return (
    <div className={styles.region}>
      {status !== 'live' && receivedAtMs !== null ? (
        <p>
          <StatusPill tint="amber">{t('changes.notLive', { time: clockTime(receivedAtMs, true) })}</StatusPill>
        </p>
      ) : null}
      <BulkSum progress={data} />
      {failed === 0 ? null : (
        <p className={styles.alarm}>
          <CircleX aria-hidden size={15} /> {t('changes.bulkFailed', { count: failed })}
        </p>
      )}
      <BulkResults progress={data} />
    </div>
  );
}

const TIMES = ['acceptedAtMs', 'servedAtMs', 'observedAtMs'] as const;

/** One line for each flag: what did not work first, then the rest in order, with the time of each stage (B14). */
export function BulkResults({ progress }: { readonly progress: BatchProgress }) {
  const t = useText();
  const items = [...progress.items].sort((a, b) => Number(hasFailed(b)) - Number(hasFailed(a)));
  return (
    <Table label={t('changes.bulkResults')} className={styles.bulk}>
      <thead>
        <tr>
          <Th>{t('changes.bulkColumnFlag')}</Th>
          <Th>{t('changes.bulkColumnThrough')}</Th>
          <Th>{t('changes.bulkColumnResult')}</Th>
          <Th>{t('changes.stage.accepted')}</Th>
          <Th>{t('changes.stage.served')}</Th>
          <Th>{t('changes.stage.observed')}</Th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <Tr key={item.change}>
            <Th scope="row" className={styles.key}>
              <Code strong>{item.flag}</Code>
            </Th>
            <Td>{item.connection}</Td>
            <Td>
              <StatusPill tint={TINTS[item.stage]} quiet>
                {t(`changes.bulkStage.${item.stage}`)}
              </StatusPill>
              {item.problem === null ? null : <div className={styles.itemProblem}>{item.problem}</div>}
            </Td>
            {TIMES.map((stage) => (
              <Td key={stage} className={styles.time}>
                {item[stage] === null ? '–' : <Time atMs={item[stage]} as="clock" />}
              </Td>
            ))}
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Requested → accepted → served → observed, of how many (B14). */
export function BulkSum({ progress }: { readonly progress: BatchProgress }) {
  const t = useText();
  const { total, requested, accepted, served, observed } = countsOf(progress);
  return (
    <section role="status" aria-label={t('changes.propagation')} className={styles.status}>
      <h2 className={styles.statusTitle}>{t('changes.propagation')}</h2>
      <dl className={styles.facts}>
        {(
          [
            ['changes.stage.requested', requested],
            ['changes.stage.accepted', accepted],
            ['changes.stage.served', served],
            ['changes.stage.observed', observed],
          ] as const
        ).map(([word, count]) => (
          <div key={word}>
            <dt>{t(word)}</dt>
            <dd>{t('changes.bulkOf', { count, total })}</dd>
          </div>
        ))}
      </dl>
      {progress.waiting === null ? null : (
        <p className={styles.note}>
          <Hourglass aria-hidden size={14} /> {progress.waiting}
        </p>
      )}
      {progress.state === 'interrupted' ? <p className={styles.note}>{t('changes.bulkInterrupted')}</p> : null}
    </section>
  );
}
