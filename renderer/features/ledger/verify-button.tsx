import { ShieldCheck } from 'lucide-react';
import type { LedgerHead } from '../../../shared/model/entry.ts';
import { useAction, useStream } from '../../client/index.ts';
import { Button, StatusPill, type Tint } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './ledger.module.css';

const TINT: Readonly<Record<LedgerHead['verified'], Tint>> = { verified: 'green', unverified: 'grey', broken: 'red' };

/** Walks the whole chain: hashes, signatures, order (D6). */
export function VerifyButton() {
  const t = useText();
  const head = useStream('console.watch', {}).data?.ledger;
  const verify = useAction('ledger.verify');
  const verdict = verify.data && (!head || verify.data.entries >= head.entries) ? verify.data : head;
  return (
    <div className={styles.verify}>
      <span role="status" className={styles.verdict}>
        {verify.error ? (
          <StatusPill tint="amber" title={verify.error.action ?? undefined}>
            {verify.error.message}
          </StatusPill>
        ) : verify.isPending ? (
          t('ledger.verifying')
        ) : verdict ? (
          <StatusPill
            tint={TINT[verdict.verified]}
            quiet={verdict.verified !== 'broken'}
            title={verdict.problem ?? undefined}
          >
            {verdict.problem ?? t(`ledger.head.${verdict.verified}`)}
          </StatusPill>
        ) : null}
      </span>
      <Button size="s" icon={ShieldCheck} busy={verify.isPending} onClick={() => verify.mutate({})}>
        {t('ledger.verify')}
      </Button>
    </div>
  );
}
