import type { ConsoleState } from '../../../shared/contract/console.ts';
import { Code, EnvironmentName, Panel } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './setup.module.css';

export interface PolicyPanelProps {
  readonly environments: ConsoleState['environments'];
}

/** Where it is written down what a kill and a restore take, and how to have it proved (D2). */
export function PolicyPanel({ environments }: PolicyPanelProps) {
  const t = useText();
  return (
    <Panel title={t('setup.policy')}>
      <div className={styles.stack}>
        <p>{t('setup.policyText')}</p>
        <p className={styles.badges}>
          {environments.map(({ name, tone }) => (
            <EnvironmentName key={name} name={name} tone={tone} />
          ))}
        </p>
        <p>
          {t('setup.policyCheck')} <Code>scram check</Code>
        </p>
      </div>
    </Panel>
  );
}
