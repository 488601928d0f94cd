import { Contrast, Keyboard, Languages, ShieldAlert, ShieldCheck, ShieldQuestionMark } from 'lucide-react';
import { Link } from 'wouter';
import type { ConsoleState } from '../../shared/contract/console.ts';
import { Who } from '../features/people/index.ts';
import { ChoiceMenu, cx, IconButton, useNow, usePage, type ThemeChoice } from '../kit/index.ts';
import { LANGUAGES, useLanguage, useText } from '../messages/index.ts';
import styles from './status-bar.module.css';
import { Team } from './team.tsx';

const THEMES: readonly ThemeChoice[] = ['system', 'light', 'dark', 'contrast'];
const SHIELDS = { verified: ShieldCheck, unverified: ShieldQuestionMark, broken: ShieldAlert } as const;

/** Who is at the console, whether the ledger holds, and the time that records carry. */
export function StatusBar({ state }: { readonly state: ConsoleState | undefined }) {
  const t = useText();
  const environment = usePage((page) => page.environment);
  return (
    <footer className={styles.bar}>
      {state ? (
        <>
          <Who />
          <span className={styles.device} title={state.device}>
            {t('shell.status.device', { device: state.device })}
          </span>
          <LedgerLink state={state} />
          <Team environment={environment} />
          <span className={styles.host}>{t(`shell.host.${state.host}`)}</span>
          <span className={styles.version}>
            {state.product.name} {state.product.version}
          </span>
        </>
      ) : null}
      <div className={styles.tools}>
        <Utc />
        <Settings />
      </div>
    </footer>
  );
}

function LedgerLink({ state }: { readonly state: ConsoleState }) {
  const t = useText();
  const { verified, entries } = state.ledger;
  const Icon = SHIELDS[verified];
  return (
    <Link href="/ledger" className={cx(styles.ledger, styles[verified])}>
      {t('shell.status.ledger', { entries })}
      <Icon aria-hidden size={13} />
      {t(`shell.ledger.${verified}`)}
    </Link>
  );
}

function Utc() {
  const now = new Date(useNow());
  return (
    <time dateTime={now.toISOString()} title={now.toString()} className={styles.utc}>
      UTC {now.toISOString().slice(11, 19)}
    </time>
  );
}

function Settings() {
  const t = useText();
  const { theme, chooseTheme, openOverlay } = usePage();
  const { language, choose } = useLanguage();
  const languageName = LANGUAGES.find((candidate) => candidate.id === language)?.name ?? language;
  return (
    <>
      <ChoiceMenu
        label={t('shell.theme', { theme: t(`shell.theme.${theme}`) })}
        trigger={<Contrast aria-hidden size={14} />}
        triggerClassName={styles.setting}
        value={theme}
        choices={THEMES.map((value) => ({ value, label: t(`shell.theme.${value}`) }))}
        onChoose={(value) => {
          const chosen = THEMES.find((candidate) => candidate === value);
          if (chosen) chooseTheme(chosen);
        }}
      />
      <ChoiceMenu
        label={t('shell.language', { language: languageName })}
        trigger={<Languages aria-hidden size={14} />}
        triggerClassName={styles.setting}
        value={language}
        choices={LANGUAGES.map(({ id, name }) => ({ value: id, label: name }))}
        onChoose={(value) => {
          const chosen = LANGUAGES.find((candidate) => candidate.id === value);
          if (chosen) choose(chosen.id);
        }}
      />
      <IconButton
        icon={Keyboard}
        label={t('shell.help')}
        variant="ghost"
        size="s"
        onClick={() => openOverlay('help')}
      />
    </>
  );
}
