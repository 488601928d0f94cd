import { useStream } from '../../client/index.ts';
import {
  Code,
  FilePath,
  KeysList,
  Panel,
  Select,
  Skeleton,
  StatusPill,
  type ThemeChoice,
  usePage,
} from '../../kit/index.ts';
import { LANGUAGES, useLanguage, useText } from '../../messages/index.ts';
import { LeaveSandbox } from './leave-sandbox.tsx';
import { NotifyPanel } from './notify-panel.tsx';
import { OperatorsPanel } from './people/operators-panel.tsx';
import { PolicyPanel } from './policy-panel.tsx';
import styles from './setup.module.css';
import { TeamPanel } from './team-panel.tsx';
import { VaultPanel } from './vault/vault-panel.tsx';

/** How this console is set up: its people, its secrets, whom it tells; and the way out of the sandbox (G1). */
export function SetupView() {
  const t = useText();
  const { data } = useStream('console.watch', {});
  if (!data) {
    return (
      <div className={styles.view}>
        <Skeleton lines={8} height={20} />
      </div>
    );
  }
  const { config } = data;
  const sandbox = config.mode === 'sandbox';
  return (
    <div className={styles.view}>
      <h1 className={styles.title}>{t('setup.title')}</h1>
      <div className={styles.columns}>
        <div className={styles.column}>
          <Panel title={t('setup.mode')}>
            <div className={styles.stack}>
              <p>
                <StatusPill tint={sandbox ? 'blue' : 'green'}>
                  {t(sandbox ? 'setup.sandbox' : 'setup.configured')}
                </StatusPill>
              </p>
              <p>{sandbox ? t('setup.sandboxText') : t('setup.configuredText', { team: config.team })}</p>
              {config.path === null ? null : (
                <p>
                  <FilePath path={config.path} />
                </p>
              )}
              {config.problems.length > 0 ? <StatusPill tint="red">{t('setup.problems')}</StatusPill> : null}
            </div>
          </Panel>
          <LeaveSandbox sandbox={sandbox} />
          <OperatorsPanel />
          <VaultPanel />
          <NotifyPanel />
        </div>
        <div className={styles.column}>
          <PolicyPanel environments={data.environments} />
          <TeamPanel />
          <Appearance />
          <Panel title={t('setup.keys')}>
            <KeysList />
          </Panel>
          <Panel title={t('setup.about')}>
            <div className={styles.stack}>
              <p>{t('setup.version', { name: data.product.name, version: data.product.version })}</p>
              <p>
                {t('setup.host')}: {t(`setup.host.${data.host}`)}
              </p>
              <p>
                {t('setup.device')}: <Code>{data.device}</Code>
              </p>
            </div>
          </Panel>
        </div>
      </div>
    </div>
  );
}

const THEMES: readonly ThemeChoice[] = ['system', 'light', 'dark', 'contrast'];

function Appearance() {
  const t = useText();
  const theme = usePage((state) => state.theme);
  const chooseTheme = usePage((state) => state.chooseTheme);
  const { language, choose } = useLanguage();
  return (
    <Panel title={t('setup.appearance')}>
      <div className={styles.choices}>
        <Select
          label={t('setup.theme')}
          value={theme}
          options={THEMES.map((value) => ({ value, label: t(`setup.theme.${value}`) }))}
          onChoose={(value) => chooseTheme(THEMES.find((each) => each === value) ?? 'system')}
        />
        <Select
          label={t('setup.language')}
          value={language}
          options={LANGUAGES.map(({ id, name }) => ({ value: id, label: name }))}
          onChoose={(value) => choose(value === 'de' ? 'de' : 'en')}
        />
      </div>
    </Panel>
  );
}
