import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { useCall } from '../../client/index.ts';
import { ArmouredOut } from '../../kit/armoured.tsx';
import { Skeleton } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';
import { CheckCode } from './check-code.tsx';
import { Failed } from './failed.tsx';

export interface CarriedTextProps {
  readonly item: ApprovalItem;
  readonly what: 'request' | 'decision';
}

/** The request, or the answer to it, as a text block and a QR code, with the code that is read over a phone (D4). */
export function CarriedText({ item, what }: CarriedTextProps) {
  const t = useText();
  const { data, error } = useCall('approvals.export', { request: item.request.hash, what });
  if (error) return <Failed title={t('approvals.exportFailed')} error={error} />;
  if (!data) return <Skeleton lines={4} />;
  return (
    <div className={styles.block}>
      <ArmouredOut label={t(`approvals.block.${what}`)} block={data} />
      <p className={styles.muted}>
        {t(`approvals.blockHow.${what}`)} {t('approvals.checkCode')} <CheckCode code={data.checkCode} />
      </p>
    </div>
  );
}
