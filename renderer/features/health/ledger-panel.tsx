import { ShieldCheck } from 'lucide-react';
import { Link } from 'wouter';
import type { LedgerHead } from '../../../shared/model/entry.ts';
import { useAction } from '../../client/index.ts';
import { Button, Code, ErrorState, Panel, StatusPill, type Tint } from '../../kit/index.ts';
import { type TextId, useLanguage, useText } from '../../messages/index.ts';
import styles from './health.module.css';

const VERDICT: Readonly<Record<LedgerHead['verified'], { tint: Tint; text: TextId }>> = {
  verified: { tint: 'green', text: 'health.ledgerVerified' },
  unverified: { tint: 'grey', text: 'health.ledgerUnverified' },
  broken: { tint: 'red', text: 'health.ledgerBroken' },
};

export interface LedgerPanelProps {
  readonly head: LedgerHead;
  readonly stale: boolean;
  readonly asOfMs: number | null;
}

/** Head of this device's chain, and the walk over all of it (D6). */
export function LedgerPanel({ head, stale, asOfMs }: LedgerPanelProps) {
  const t = useText();
  const language = useLanguage((state) => state.language);
  const verify = useAction('ledger.verify');
  const shown = verify.data && verify.data.entries >= head.entries ? verify.data : head;
  const { tint, text } = VERDICT[shown.verified];
  return (
    <Panel
      title={t('health.ledger')}
      stale={stale}
      asOfMs={asOfMs}
      actions={
        <Button size="s" icon={ShieldCheck} busy={verify.isPending} onClick={() => verify.mutate({})}>
          {t('health.verify')}
        </Button>
      }
    >
      <dl className={styles.facts}>
        <div>
          <dt>{t('health.ledgerChain')}</dt>
          <dd>
            <span role="status">
              {verify.isPending ? t('health.verifying') : <StatusPill tint={tint}>{t(text)}</StatusPill>}
            </span>
          </dd>
        </div>
        <div>
          <dt>{t('health.ledgerEntries')}</dt>
          <dd>
            {shown.entries.toLocaleString(language)} · <Link href="/ledger">{t('health.showLedger')}</Link>
          </dd>
        </div>
        <div>
          <dt>{t('health.ledgerHead')}</dt>
          <dd>
            <Code>{shown.hash}</Code>
          </dd>
        </div>
        <div>
          <dt>{t('health.ledgerDevice')}</dt>
          <dd>
            <Code>{shown.device}</Code>
          </dd>
        </div>
      </dl>
      {shown.problem === null ? null : <ErrorState title={t('health.ledgerBroken')} detail={shown.problem} />}
      {verify.error ? (
        <ErrorState title={t('health.verifyFailed')} detail={verify.error.message} action={verify.error.action} />
      ) : null}
    </Panel>
  );
}
