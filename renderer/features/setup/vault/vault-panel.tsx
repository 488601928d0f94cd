import { LockKeyhole, LockKeyholeOpen, Plus } from 'lucide-react';
import { useState } from 'react';
import type { VaultState } from '../../../../shared/model/vault.ts';
import { useStream } from '../../../client/index.ts';
import { Button, EmptyState, Panel, Skeleton, StatusPill, useRefusal } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import { Failed } from '../failed.tsx';
import styles from '../setup.module.css';
import { AnswerDialog } from './answer-dialog.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { CredentialTable, type VaultAct } from './credential-table.tsx';
import { OpenTogetherDialog } from './open-together-dialog.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { SealDialog } from './seal-dialog.tsx';
import { SetDialog } from './set-dialog.tsx';

/** Credentials by name: which are missing, set and sealed, and what uses them. No value ever comes back (E2, E3). */
export function VaultPanel() {
  const t = useText();
  const { data, error } = useStream('vault.watch', {});
  const refusal = useRefusal('administer');
  const [act, setAct] = useState<VaultAct | null>(null);
  const close = () => setAct(null);
  return (
    <Panel
      title={t('vault.title')}
      flush
      actions={
        <>
          <Button size="s" onClick={() => setAct({ kind: 'answer' })}>
            {t('vault.answer')}
          </Button>
          <Button
            size="s"
            icon={Plus}
            aria-disabled={refusal !== null}
            title={refusal ?? undefined}
            onClick={() => refusal === null && setAct({ kind: 'set', name: null })}
          >
            {t('vault.setNew')}
          </Button>
        </>
      }
    >
      {data ? (
        <Contents vault={data} onAct={setAct} />
      ) : error ? (
        <Failed title={t('vault.failed')} error={error} />
      ) : (
        <div className={styles.padded}>
          <Skeleton lines={3} height={18} />
        </div>
      )}
      {act?.kind === 'set' ? <SetDialog name={act.name} onClose={close} /> : null}
      {act?.kind === 'remove' ? <RemoveDialog name={act.name} usedBy={act.usedBy} onClose={close} /> : null}
      {act?.kind === 'seal' ? <SealDialog name={act.name} onClose={close} /> : null}
      {act?.kind === 'open' ? <OpenTogetherDialog name={act.name} holders={act.holders} onClose={close} /> : null}
      {act?.kind === 'ask' ? <AskDialog name={act.name} holders={act.holders} onClose={close} /> : null}
      {act?.kind === 'answer' ? <AnswerDialog onClose={close} /> : null}
    </Panel>
  );
}

interface ContentsProps {
  readonly vault: VaultState;
  readonly onAct: (act: VaultAct) => void;
}

function Contents({ vault, onAct }: ContentsProps) {
  const t = useText();
  const count = vault.credentials.length + vault.missing.length + vault.sealed.length;
  return (
    <>
      <div className={styles.vaultHead}>
        {vault.exists ? (
          <StatusPill tint={vault.open ? 'green' : 'neutral'} icon={vault.open ? LockKeyholeOpen : LockKeyhole}>
            {t(vault.open ? 'vault.open' : 'vault.closed')}
          </StatusPill>
        ) : (
          <StatusPill tint="neutral">{t('vault.notYet')}</StatusPill>
        )}
        <span className={styles.muted}>{t('vault.lead')}</span>
      </div>
      {vault.problems.map((problem) => (
        <p key={problem} className={styles.padded}>
          <StatusPill tint="amber">{t('vault.problem', { problem })}</StatusPill>
        </p>
      ))}
      {count === 0 ? (
        <EmptyState icon={LockKeyhole} title={t('vault.empty')}>
          {t('vault.emptyHint')}
        </EmptyState>
      ) : (
        <CredentialTable vault={vault} onAct={onAct} />
      )}
    </>
  );
}
