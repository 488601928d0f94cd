import type { SliState } from '../../../shared/model/sli.ts';
import { useStream } from '../../client/index.ts';
import {
  Code,
  EmptyState,
  ErrorState,
  formatValue,
  Skeleton,
  StatusPill,
  Table,
  Td,
  Th,
  Time,
  type Tint,
  Tr,
} from '../../kit/index.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import styles from './health.module.css';

const TINT: Readonly<Record<SliState, Tint>> = {
  ok: 'green',
  breached: 'red',
  'no-data': 'grey',
  stale: 'amber',
  error: 'red',
  unknown: 'grey',
};

/** What each SLI's source last said. */
export function Slis({ environment }: { readonly environment: string }) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const { data, error } = useStream('slis.watch', { environment });
  if (!data) {
    if (error) return <ErrorState title={t('health.failed')} detail={error.message} action={error.action} />;
    return (
      <div className={styles.padded}>
        <Skeleton lines={3} />
      </div>
    );
  }
  if (data.slis.length === 0) return <EmptyState title={t('health.noSlis')} />;
  return (
    <Table label={t('health.slis')}>
      <thead>
        <tr>
          <Th>{t('health.columnSli')}</Th>
          <Th>{t('health.columnState')}</Th>
          <Th>{t('health.columnLatest')}</Th>
          <Th>{t('health.columnSource')}</Th>
          <Th>{t('health.columnProblem')}</Th>
        </tr>
      </thead>
      <tbody>
        {data.slis.map(({ sli, status }) => (
          <Tr key={sli.id}>
            <Th scope="row">
              {sli.service} {sli.name}
            </Th>
            <Td>
              <StatusPill tint={TINT[status.state]}>{t(`health.sliState.${status.state}`)}</StatusPill>
            </Td>
            <Td>
              {status.latest === null ? (
                t('health.never')
              ) : (
                <>
                  {formatValue(status.latest.value, sli.unit, language)}{' '}
                  <span className={styles.muted}>
                    <Time atMs={status.latest.atMs} />
                  </span>
                </>
              )}
            </Td>
            <Td>
              <Code>{sli.connection}</Code>
            </Td>
            <Td className={styles.problem}>
              {status.problem ?? <span className={styles.muted}>{t('health.noProblem')}</span>}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
