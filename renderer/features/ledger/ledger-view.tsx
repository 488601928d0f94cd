import { useState } from 'react';
import type { Entry } from '../../../shared/model/entry.ts';
import { useCall } from '../../client/index.ts';
import { Button, Code, EmptyState, ErrorState, Panel, Skeleton, Table, Td, Th, Time, Tr } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { entryText } from './describe.ts';
import styles from './ledger.module.css';

const PAGE = 100;
const REFRESH_MS = 3_000;

/** What happened, newest first, in the operator's time with UTC beside it (D6, H2). */
export function LedgerView() {
  const t = useText();
  const [before, setBefore] = useState<number | null>(null);
  const newest = before === null;
  const { data, error, refetch } = useCall(
    'ledger.show',
    newest ? { limit: PAGE } : { limit: PAGE, before },
    newest ? { refetchMs: REFRESH_MS } : {},
  );
  const last = data?.entries.at(-1)?.body.sequence;
  return (
    <div className={styles.view}>
      <h1 className={styles.title}>{t('ledger.title')}</h1>
      <p className={styles.muted}>{t('ledger.intro')}</p>
      <Panel
        title={t('ledger.entries')}
        flush
        actions={
          <>
            {newest ? null : (
              <Button size="s" onClick={() => setBefore(null)}>
                {t('ledger.newest')}
              </Button>
            )}
            <Button
              size="s"
              aria-disabled={last === undefined || last <= 1}
              onClick={() => last !== undefined && last > 1 && setBefore(last)}
            >
              {t('ledger.older')}
            </Button>
          </>
        }
      >
        {data === undefined ? (
          error ? (
            <ErrorState
              title={t('ledger.failed')}
              detail={error.message}
              action={error.action}
              onRetry={() => refetch()}
            />
          ) : (
            <div className={styles.padded}>
              <Skeleton lines={10} height={20} />
            </div>
          )
        ) : data.entries.length === 0 ? (
          <EmptyState title={t('ledger.empty')} />
        ) : (
          <Entries entries={data.entries} />
        )}
      </Panel>
    </div>
  );
}

function Entries({ entries }: { readonly entries: readonly Entry[] }) {
  const t = useText();
  return (
    <Table label={t('ledger.entries')}>
      <thead>
        <tr>
          <Th>{t('ledger.columnNumber')}</Th>
          <Th>{t('ledger.columnTime')}</Th>
          <Th>{t('ledger.columnWhat')}</Th>
          <Th>{t('ledger.columnHash')}</Th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <Tr key={entry.hash}>
            <Th scope="row">{entry.body.sequence}</Th>
            <Td className={styles.time}>
              <Time atMs={entry.body.atMs} as="record" />
            </Td>
            <Td className={styles.what}>
              {entryText(t, entry.body.data)}
              <Whole entry={entry} />
            </Td>
            <Td className={styles.time}>
              <Code>{entry.hash.slice(0, 12)}</Code>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** The entry as it is hashed and signed; drawn only once it is asked for. */
function Whole({ entry }: { readonly entry: Entry }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  return (
    <details className={styles.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('ledger.details')}</summary>
      {open ? <pre>{JSON.stringify(entry, null, 2)}</pre> : null}
    </details>
  );
}
