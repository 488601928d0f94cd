import {
  ChevronDown,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock3,
  FlaskConical,
  type LucideIcon,
  Search,
  TriangleAlert,
} from 'lucide-react';
import type { ConsoleState } from '../../shared/contract/console.ts';
import type { ConnectionState } from '../../shared/model/connection.ts';
import { useReachability } from '../client/index.ts';
import { ChoiceMenu, clockTime, cx, EnvironmentName, Kbd, usePage } from '../kit/index.ts';
import { useText } from '../messages/index.ts';
import styles from './top-bar.module.css';

const CONNECTION_ICONS: Readonly<Record<ConnectionState, LucideIcon>> = {
  'not-ready': CircleDashed,
  ready: CircleCheck,
  stale: Clock3,
  error: TriangleAlert,
  fatal: CircleX,
};

const APPLE = /mac|iphone|ipad/i.test(navigator.userAgent);

export function TopBar({ state }: { readonly state: ConsoleState | undefined }) {
  const t = useText();
  const openOverlay = usePage((page) => page.openOverlay);
  const away = useReachability().state === 'away';
  return (
    <header className={styles.bar}>
      {state ? <EnvironmentMenu state={state} /> : <span className={styles.noEnvironment} />}
      {state?.config.mode === 'sandbox' ? (
        <span className={styles.practice} title={t('shell.practiceHint')}>
          <FlaskConical aria-hidden size={13} />
          {t('shell.practice')}
        </span>
      ) : null}
      <button type="button" className={styles.find} onClick={() => openOverlay('palette')}>
        <Search aria-hidden size={14} />
        <span className={styles.findWords}>{t('shell.find')}</span>
        <Kbd>{APPLE ? '⌘K' : 'Ctrl K'}</Kbd>
      </button>
      <ControlPlane state={state} />
      <ul className={styles.connections} aria-label={t('shell.connections')}>
        {state?.connections.map((connection) => {
          // Without the console nothing is known of its sources: what they were last is not shown as what they are.
          const shown = away ? 'stale' : connection.state;
          const Icon = CONNECTION_ICONS[shown];
          const word = t(`shell.connection.${shown}`);
          return (
            <li
              key={connection.id}
              className={cx(styles.connection, styles[shown])}
              title={`${connection.kind} · ${word} · ${clockTime(connection.sinceMs, true)}${connection.problem ? ` · ${connection.problem}` : ''}`}
            >
              <Icon aria-hidden size={13} />
              {connection.id}
              <span className={shown === 'ready' ? 'visually-hidden' : styles.word}>{word}</span>
            </li>
          );
        })}
      </ul>
    </header>
  );
}

function EnvironmentMenu({ state }: { readonly state: ConsoleState }) {
  const t = useText();
  const { environment, tone, chooseEnvironment } = usePage();
  const name = environment ?? '';
  return (
    <ChoiceMenu
      label={t('shell.environment', { environment: name })}
      triggerClassName={cx(styles.environment, tone === 'production' && styles.production)}
      trigger={
        <>
          <span className={styles.environmentName}>{name}</span>
          <ChevronDown aria-hidden size={14} />
        </>
      }
      value={name}
      choices={state.environments.map((choice) => ({
        value: choice.name,
        label: <EnvironmentName name={choice.name} tone={choice.tone} />,
      }))}
      onChoose={(value) => {
        const chosen = state.environments.find((candidate) => candidate.name === value);
        if (chosen) chooseEnvironment(chosen.name, chosen.tone);
      }}
    />
  );
}

/** Whether flags can be switched and metrics read, in one word for all of them; the strip below says what to do. */
function ControlPlane({ state }: { readonly state: ConsoleState | undefined }) {
  const t = useText();
  const away = useReachability().state === 'away';
  const down =
    state?.connections.filter((connection) => connection.state === 'error' || connection.state === 'fatal') ?? [];
  const waiting = !state || state.connections.some((connection) => connection.state === 'not-ready');
  const bad = away || down.length > 0;
  const words = away
    ? t('shell.controlPlane.away')
    : down.length > 0
      ? t('shell.controlPlane.down', { count: down.length })
      : waiting
        ? t('shell.controlPlane.waiting')
        : t('shell.controlPlane.ok');
  const Icon = bad ? TriangleAlert : waiting ? CircleDashed : CircleCheck;
  return (
    <div
      role="status"
      aria-label={t('shell.controlPlane')}
      title={words}
      className={cx(styles.controlPlane, bad ? styles.error : waiting ? styles.stale : styles.ready)}
    >
      <Icon aria-hidden size={14} />
      <span className={bad ? undefined : styles.collapsible}>{words}</span>
    </div>
  );
}
