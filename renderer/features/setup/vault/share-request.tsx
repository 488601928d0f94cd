import type { OutputOf } from '../../../../shared/contract/index.ts';
import { useRights } from '../../../client/index.ts';
import { clockTime, Code, durationText, StatusPill, useNow } from '../../../kit/index.ts';
import { useText } from '../../../messages/index.ts';
import styles from '../setup.module.css';

/** Who asks whom for which share, until when, and the code to compare by voice: before anything is given (E3). */
export function ShareRequest({ request }: { readonly request: OutputOf<'vault.readShareRequest'> }) {
  const t = useText();
  const { nameOf } = useRights();
  const leftMs = request.expiresAtMs - useNow();
  return (
    <>
      <p role="status">{t('vault.giveAsks', { asker: request.askerName, name: request.name })}</p>
      <dl className={styles.plainFacts}>
        <div>
          <dt>{t('vault.giveAsker')}</dt>
          <dd>
            <strong>{request.askerName}</strong> <span className={styles.muted}>{request.asker}</span>
          </dd>
        </div>
        <div>
          <dt>{t('vault.giveCredential')}</dt>
          <dd>
            <Code strong>{request.name}</Code>
          </dd>
        </div>
        <div>
          <dt>{t('vault.giveHolder')}</dt>
          <dd>
            {nameOf(request.holder)} <span className={styles.muted}>{request.holder}</span>
          </dd>
        </div>
        <div>
          <dt>{t('vault.giveCode')}</dt>
          <dd>
            <Code strong>{request.checkCode}</Code> <span className={styles.muted}>{t('vault.giveCodeWhy')}</span>
          </dd>
        </div>
        <div>
          <dt>{t('vault.giveUntil')}</dt>
          <dd>
            {leftMs > 0 ? (
              t('vault.giveUntilTime', { time: clockTime(request.expiresAtMs), duration: durationText(leftMs) })
            ) : (
              <StatusPill tint="amber">{t('vault.giveLate')}</StatusPill>
            )}
          </dd>
        </div>
      </dl>
    </>
  );
}
