import { Anchor, CircleCheck, Volume2 } from 'lucide-react';
import { useState } from 'react';
import type { Chain, Quarantined } from '../../../shared/model/team.ts';
import { useRights, useStream } from '../../client/index.ts';
import {
  Badge,
  Button,
  clockTime,
  Code,
  EmptyState,
  ErrorState,
  Panel,
  Skeleton,
  StatusPill,
  Table,
  Td,
  Th,
  Time,
  Tr,
} from '../../kit/index.ts';
import { useLanguage, useText } from '../../messages/index.ts';
import { AnchorDialog } from './anchor-dialog.tsx';
import { CheckAnchorDialog } from './check-anchor-dialog.tsx';
import styles from './ledger.module.css';
import { short } from './names.ts';

/** The chains that the record is made of, what was not taken into them, and what holds their ends (D8, D10). */
export function ChainsPage() {
  const t = useText();
  const { data, status, receivedAtMs, error } = useStream('team.watch', {});
  const [dialog, setDialog] = useState<'anchor' | 'check' | null>(null);
  const stale = status === 'stale' || (status === 'error' && data !== undefined);
  const age = { stale, asOfMs: stale ? receivedAtMs : null };
  return (
    <div className={styles.page}>
      <Panel title={t('ledger.chainsTitle')} flush {...age}>
        {data ? (
          <Chains chains={data.chains} />
        ) : error ? (
          <ErrorState title={t('ledger.chainsFailed')} detail={error.message} action={error.action} />
        ) : (
          <div className={styles.padded}>
            <Skeleton lines={3} height={18} />
          </div>
        )}
      </Panel>
      <Panel title={t('ledger.quarantine', { count: data?.quarantined.length ?? 0 })} flush {...age}>
        {data === undefined ? null : data.quarantined.length > 0 ? (
          <QuarantineTable items={data.quarantined} chains={data.chains} />
        ) : (
          <EmptyState title={t('ledger.quarantineNone')} icon={CircleCheck} tint="green">
            {t('ledger.quarantineNoneHint')}
          </EmptyState>
        )}
      </Panel>
      <Panel title={t('ledger.anchors')}>
        <div className={styles.stack}>
          <p className={styles.lead}>{t('ledger.anchorsLead')}</p>
          <p className={styles.buttons}>
            <Button icon={Volume2} onClick={() => setDialog('anchor')}>
              {t('ledger.readAloud')}
            </Button>
            <Button icon={Anchor} onClick={() => setDialog('check')}>
              {t('ledger.checkAnchor')}
            </Button>
          </p>
        </div>
      </Panel>
      {dialog === 'anchor' ? <AnchorDialog onClose={() => setDialog(null)} /> : null}
      {dialog === 'check' ? <CheckAnchorDialog onClose={() => setDialog(null)} /> : null}
    </div>
  );
}

function Chains({ chains }: { readonly chains: readonly Chain[] }) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const { nameOf } = useRights();
  if (chains.length === 0) return <EmptyState title={t('ledger.chainsNone')} />;
  return (
    <Table label={t('ledger.chainsTitle')}>
      <thead>
        <tr>
          <Th>{t('ledger.console')}</Th>
          <Th>{t('ledger.people')}</Th>
          <Th className={styles.numeric}>{t('ledger.entries')}</Th>
          <Th>{t('ledger.countersigned')}</Th>
          <Th>{t('ledger.lastEntry')}</Th>
          <Th>{t('ledger.state')}</Th>
        </tr>
      </thead>
      <tbody>
        {chains.map((chain) => (
          <Tr key={chain.device}>
            <Th scope="row">
              <span className={styles.nameCell}>
                <span title={chain.device}>
                  <Code>{short(chain.device)}</Code>
                </span>
                {chain.here ? <Badge>{t('ledger.thisConsole')}</Badge> : null}
              </span>
            </Th>
            <Td>{chain.operators.length === 0 ? '–' : chain.operators.map(nameOf).join(', ')}</Td>
            <Td numeric>{chain.entries.toLocaleString(language)}</Td>
            <Td>
              <Countersigned chain={chain} />
            </Td>
            <Td>{chain.lastAtMs === null ? '–' : <Time atMs={chain.lastAtMs} />}</Td>
            <Td className={styles.problem}>
              {chain.problem === null ? (
                <StatusPill tint="green" quiet>
                  {t('ledger.chainGood')}
                </StatusPill>
              ) : (
                <StatusPill tint="red" quiet>
                  {chain.problem}
                </StatusPill>
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** How far another console has signed for it: so far nothing can be cut off unseen (D10). */
function Countersigned({ chain }: { readonly chain: Chain }) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  if (chain.countersigned === 0) {
    return (
      <StatusPill tint="grey" quiet>
        {t('ledger.countersignedNone')}
      </StatusPill>
    );
  }
  const open = chain.entries - chain.countersigned;
  return (
    <>
      {t('ledger.countersignedTo', { sequence: chain.countersigned.toLocaleString(language) })}
      {open > 0 ? <span className={styles.muted}> · {t('ledger.countersignedOpen', { count: open })}</span> : null}
    </>
  );
}

interface QuarantineProps {
  readonly items: readonly Quarantined[];
  readonly chains: readonly Chain[];
}

function QuarantineTable({ items, chains }: QuarantineProps) {
  const t = useText();
  const { nameOf } = useRights();
  const peopleOf = (device: string) =>
    (chains.find((chain) => chain.device === device)?.operators ?? []).map(nameOf).join(', ');
  return (
    <Table label={t('ledger.quarantineTable')}>
      <thead>
        <tr>
          <Th>{t('ledger.entry')}</Th>
          <Th>{t('ledger.quarantineWhy')}</Th>
          <Th>{t('ledger.hash')}</Th>
          <Th>{t('ledger.quarantineWhen')}</Th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <Tr key={`${item.device} ${item.sequence} ${item.hash}`}>
            <Th scope="row">
              <span title={item.device}>
                {t('ledger.entryOf', { sequence: item.sequence, console: peopleOf(item.device) || short(item.device) })}
              </span>
            </Th>
            <Td className={styles.problem}>
              <StatusPill tint="amber" quiet>
                {item.what}
              </StatusPill>
            </Td>
            <Td>
              <span title={item.hash}>
                <Code>{item.hash.slice(0, 12)}</Code>
              </span>
            </Td>
            <Td>
              <span title={clockTime(item.atMs, true)}>
                <Time atMs={item.atMs} />
              </span>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
