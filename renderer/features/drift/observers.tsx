import type { ObserverStatus } from '../../../shared/model/drift.ts';
import { Code, StatusPill, Table, Td, Th, Time, Tr } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './drift.module.css';

/** Who looks, and whether the answers come: a region that nobody sees is not one that agrees. */
export function Observers({ observers }: { readonly observers: readonly ObserverStatus[] }) {
  const t = useText();
  return (
    <Table label={t('drift.observers')}>
      <thead>
        <tr>
          <Th>{t('drift.columnObserver')}</Th>
          <Th>{t('drift.columnRegion')}</Th>
          <Th>{t('drift.columnState')}</Th>
          <Th>{t('drift.columnLooked')}</Th>
        </tr>
      </thead>
      <tbody>
        {observers.map((each) => (
          <Tr key={`${each.connection} ${each.observer} ${each.region}`}>
            <Th scope="row">
              <Code>{each.observer}</Code> <span className={styles.muted}>{each.connection}</span>
            </Th>
            <Td>{each.region ?? t('drift.noRegion')}</Td>
            <Td>
              {each.problem === null ? (
                <StatusPill tint={each.lastSeenAtMs === null ? 'grey' : 'green'} quiet>
                  {t(each.lastSeenAtMs === null ? 'drift.waiting' : 'drift.answers')}
                </StatusPill>
              ) : (
                <>
                  <StatusPill tint="amber">{t('drift.silent')}</StatusPill>{' '}
                  <span className={styles.problem}>{each.problem}</span>
                </>
              )}
            </Td>
            <Td>{each.lastSeenAtMs === null ? t('drift.never') : <Time atMs={each.lastSeenAtMs} />}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
