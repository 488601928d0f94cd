import type { Flag } from '../../../shared/model/flag.ts';
import { useStream } from '../../client/index.ts';
import { Code, EnvironmentName, FilePath, Table, Td, Th, Time, Tr } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './flag-page.module.css';
import { FlagStateLabel, Rollout } from './flag-state.tsx';

/** The state in each environment, ours beside the provider's own name for it (B3). */
export function FlagEnvironments({ flag, current }: { readonly flag: Flag; readonly current: string }) {
  const t = useText();
  const { data } = useStream('console.watch', {});
  const tones = new Map(data?.environments.map((each) => [each.name, each.tone]));
  return (
    <Table label={t('flags.environments')}>
      <thead>
        <tr>
          <Th>{t('flags.columnEnvironment')}</Th>
          <Th>{t('flags.columnProvider')}</Th>
          <Th>{t('flags.columnState')}</Th>
          <Th>{t('flags.columnRollout')}</Th>
          <Th>{t('flags.columnServes')}</Th>
          <Th>{t('flags.columnTargeting')}</Th>
          <Th>{t('flags.columnOff')}</Th>
          <Th>{t('flags.columnChanged')}</Th>
        </tr>
      </thead>
      <tbody>
        {flag.environments.map((each) => (
          <Tr key={each.environment} selected={each.environment === current}>
            <Th scope="row">
              <EnvironmentName name={each.environment} tone={tones.get(each.environment) ?? 'neutral'} />
            </Th>
            <Td>
              <FilePath path={each.providerEnvironment} />
            </Td>
            <Td>
              <FlagStateLabel exposure={each.exposure} killed={each.killed} />
            </Td>
            <Td>
              <Rollout percentage={each.percentage} exposure={each.exposure} />
            </Td>
            <Td>{each.serves === null ? t('flags.off.code-default') : <Code>{each.serves}</Code>}</Td>
            <Td>{each.targeting === null ? t('flags.none') : <Code>{each.targeting}</Code>}</Td>
            <Td>{t(`flags.off.${each.offMeaning}`)}</Td>
            <Td>
              {each.changedAtMs === null ? t('flags.noneKnown') : <Time atMs={each.changedAtMs} />}
              {each.changedBy === null
                ? null
                : ` ${t('flags.by', { who: each.changedBy === data?.device ? t('flags.thisConsole') : each.changedBy })}`}
              {each.lastSeenAtMs === null ? null : (
                <div className={styles.muted}>
                  {t('flags.lastSeen')} <Time atMs={each.lastSeenAtMs} />
                </div>
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
