import type { ConsoleState } from '../../../shared/contract/console.ts';
import type { EnvironmentPolicy } from '../../../shared/model/environment.ts';
import { Code, durationText, EnvironmentName, Panel } from '../../kit/index.ts';
import { type Translate, useText } from '../../messages/index.ts';
import styles from './setup.module.css';

export interface PolicyPanelProps {
  readonly environments: ConsoleState['environments'];
}

/** What a kill and a restore take in each environment, in short, and how to have the whole policy proved (D2). */
export function PolicyPanel({ environments }: PolicyPanelProps) {
  const t = useText();
  return (
    <Panel title={t('setup.policy')}>
      <div className={styles.stack}>
        {environments.map(({ name, tone, policy }) => (
          <section key={name} className={styles.policy} aria-label={name}>
            <EnvironmentName name={name} tone={tone} />
            {policy === undefined ? null : (
              <dl className={styles.plainFacts}>
                <div>
                  <dt>{t('setup.policyKill')}</dt>
                  <dd>{demandText(t, policy.kill)}</dd>
                </div>
                <div>
                  <dt>{t('setup.policyRestore')}</dt>
                  <dd>{demandText(t, policy.restore)}</dd>
                </div>
                <div>
                  <dt>{t('setup.policyGlass')}</dt>
                  <dd>
                    {policy.breakGlassMs === null
                      ? t('setup.policyGlassNo')
                      : t('setup.policyGlassFor', { duration: durationText(policy.breakGlassMs) })}
                  </dd>
                </div>
                {policy.exceptions === 0 ? null : (
                  <div>
                    <dt>{t('setup.policyExceptions')}</dt>
                    <dd>{t('setup.policyExceptionsCount', { count: policy.exceptions })}</dd>
                  </div>
                )}
              </dl>
            )}
          </section>
        ))}
        <p className={styles.muted}>
          {t('setup.policyText')} {t('setup.policyCheck')} <Code>scram check</Code>
        </p>
      </div>
    </Panel>
  );
}

function demandText(t: Translate, { people, typed, rationale }: EnvironmentPolicy['kill']): string {
  return [
    t('setup.policyPeople', { people }),
    ...(typed ? [t('setup.policyTyped')] : []),
    ...(rationale ? [t('setup.policyReason')] : []),
  ].join(', ');
}
