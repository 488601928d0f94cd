import { useText } from '../../messages/index.ts';
import styles from './approvals.module.css';

/** Both consoles show the same for the same request: it is read over a phone, character by character (D4). */
export function CheckCode({ code }: { readonly code: string }) {
  const t = useText();
  return (
    <span className={styles.checkCode} title={t('approvals.checkCodeWhy')}>
      {code}
    </span>
  );
}
