import { ChevronDown, OctagonX, X } from 'lucide-react';
import { memo } from 'react';
import { useStream } from '../../client/index.ts';
import { ActionMenu, ActButton, IconButton, usePage } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './flags.module.css';

export interface BulkBarProps {
  readonly environment: string;
  /** The service that the list is filtered by; empty for none. */
  readonly service: string;
}

/** What can be killed together: the marked flags, a service's, or a kill set (B4, B13). Asks, and never acts. */
export const BulkBar = memo(function BulkBar({ environment, service }: BulkBarProps) {
  const t = useText();
  const marked = usePage((state) => state.marked);
  const clearMarks = usePage((state) => state.clearMarks);
  const askBulk = usePage((state) => state.askBulk);
  const killSets = useStream('console.watch', {}).data?.killSets ?? [];
  const flags = [...marked.values()];
  const markedName = t('flags.bulkMarked', { count: flags.length });
  const serviceName = t('flags.bulkService', { service });
  return (
    <div className={styles.bulkBar}>
      <span role="status" className="visually-hidden">
        {flags.length === 0 ? '' : markedName}
      </span>
      {flags.length === 0 ? null : (
        <>
          <ActButton
            size="s"
            variant="danger"
            icon={OctagonX}
            onClick={() => askBulk({ environment, target: { by: 'flags', flags }, name: markedName })}
          >
            {t('flags.bulkKill', { name: markedName })}
          </ActButton>
          <IconButton size="s" variant="ghost" icon={X} label={t('flags.bulkClear')} onClick={clearMarks} />
        </>
      )}
      {service === '' ? null : (
        <ActButton
          size="s"
          icon={OctagonX}
          onClick={() => askBulk({ environment, target: { by: 'service', service }, name: serviceName })}
        >
          {t('flags.bulkKill', { name: serviceName })}
        </ActButton>
      )}
      {killSets.length === 0 ? null : (
        <ActionMenu
          label={t('flags.bulkKillSets')}
          triggerClassName={styles.setTrigger}
          trigger={
            <>
              {t('flags.bulkKillSet')} <ChevronDown aria-hidden size={14} />
            </>
          }
          actions={killSets.map(({ id, flags: own, problems }) => ({
            value: id,
            label: id,
            hint: t('flags.bulkSet', { count: own.length + problems.length }),
          }))}
          onChoose={(killSet) => {
            const name = t('flags.bulkSetName', { id: killSet });
            askBulk({ environment, target: { by: 'kill-set', killSet }, name });
          }}
        />
      )}
    </div>
  );
});
