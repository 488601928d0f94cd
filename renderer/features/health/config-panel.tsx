import type { ConfigProblem, ConfigState } from '../../../shared/contract/console.ts';
import { Code, FilePath, Panel, StatusPill, Time } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './health.module.css';

export interface ConfigPanelProps {
  readonly config: ConfigState;
  readonly stale: boolean;
  readonly asOfMs: number | null;
}

/** Where the configuration comes from and what is wrong with it, by line and column (C1). */
export function ConfigPanel({ config, stale, asOfMs }: ConfigPanelProps) {
  const t = useText();
  const count = config.problems.length;
  return (
    <Panel title={t('health.config')} stale={stale} asOfMs={asOfMs}>
      <dl className={styles.facts}>
        <div>
          <dt>{t('health.configFile')}</dt>
          <dd>{config.path === null ? t('health.configSandbox') : <FilePath path={config.path} />}</dd>
        </div>
        <div>
          <dt>{t('health.configTeam')}</dt>
          <dd>{config.team}</dd>
        </div>
        <div>
          <dt>{t('health.configLoaded')}</dt>
          <dd>
            <Time atMs={config.loadedAtMs} />
          </dd>
        </div>
        <div>
          <dt>{t('health.columnState')}</dt>
          <dd>
            {count === 0 ? (
              <StatusPill tint="green">{t('health.configOk')}</StatusPill>
            ) : (
              <StatusPill tint="red">{t('health.configProblems', { count })}</StatusPill>
            )}
          </dd>
        </div>
      </dl>
      {count === 0 ? null : (
        <ul className={styles.problems}>
          {config.problems.map((problem) => (
            <Problem
              key={`${problem.file} ${problem.line} ${problem.column} ${problem.path} ${problem.message}`}
              problem={problem}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Problem({ problem }: { readonly problem: ConfigProblem }) {
  const t = useText();
  const place = [problem.line, problem.column].flatMap((part) => (part === null ? [] : [`:${part}`])).join('');
  return (
    <li>
      <FilePath strong path={problem.file} suffix={place} />
      <p>
        {problem.message.includes(problem.path) ? null : (
          <>
            <Code>{problem.path}</Code>{' '}
          </>
        )}
        {problem.message}
      </p>
      <p className={styles.muted}>
        {problem.value === null ? null : `${t('health.found', { value: problem.value })} · `}
        {problem.expected === null ? null : t('health.expected', { expected: problem.expected })}
      </p>
    </li>
  );
}
