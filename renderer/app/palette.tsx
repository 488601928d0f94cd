import { ArrowRight, Flag, Layers, OctagonX, Settings2 } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { ConsoleState } from '../../shared/contract/console.ts';
import { useClient, useRights, useStream } from '../client/index.ts';
import { Dialog, Exposure, flagPath, usePage, useUnlock } from '../kit/index.ts';
import { LANGUAGES, useLanguage, useText } from '../messages/index.ts';
import styles from './palette.module.css';
import { type PaletteItem, paletteItems } from './palette-items.ts';
import { VIEWS } from './views.ts';

const ICONS = {
  view: ArrowRight,
  flag: Flag,
  kill: OctagonX,
  'kill-service': OctagonX,
  'kill-set': OctagonX,
  service: Layers,
  action: Settings2,
} as const;

export interface PaletteProps {
  readonly state: ConsoleState;
  readonly environment: string | null;
}

/** Finds a flag, a service or an action by a few letters. "Kill" opens the confirmation and never acts (UI.md). */
export function Palette({ state, environment }: PaletteProps) {
  const t = useText();
  const close = usePage((page) => page.closeDialogs);
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const rows = useStream('flags.watch', { environment: environment ?? '' }).data?.rows;
  const others = useOthers(state, environment);
  const items = useMemo(
    () =>
      paletteItems({
        query,
        rows: rows ?? [],
        others,
        open: (key) => t('shell.palette.open', { key }),
        kill: (key) => t('shell.palette.kill', { key, environment: environment ?? '' }),
        service: (service) => t('shell.palette.service', { service }),
        killService: (service) => t('shell.palette.killService', { service, environment: environment ?? '' }),
      }),
    [query, rows, others, environment, t],
  );
  const choose = useChoose(environment);
  const index = Math.min(active, items.length - 1);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [index]);

  const onKeyDown = (event: KeyboardEvent) => {
    const item = items[index];
    if (event.key === 'ArrowDown') setActive(Math.min(index + 1, items.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(index - 1, 0));
    else if (event.key === 'Enter' && item) choose(item);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog open onClose={close} title={t('shell.palette.title')} width="l">
      <input
        className={styles.input}
        autoFocus
        role="combobox"
        aria-label={t('shell.palette.title')}
        aria-expanded
        aria-controls="palette-results"
        aria-activedescendant={items.length > 0 ? `palette-${index}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder={t('shell.find')}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        id="palette-results"
        role="listbox"
        aria-label={t('shell.palette.results')}
        className={styles.list}
      >
        {items.map((item, position) => {
          const Icon = ICONS[item.kind];
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keys are the combobox's
            <div
              key={item.id}
              id={`palette-${position}`}
              data-index={position}
              role="option"
              aria-selected={position === index}
              className={styles.item}
              data-kind={item.kind}
              onClick={() => choose(item)}
              onPointerMove={() => setActive(position)}
            >
              <Icon aria-hidden size={14} />
              <span className={styles.words}>{item.words}</span>
              {item.kind === 'flag' ? (
                <span className={styles.hint}>
                  {item.row.connection}
                  <Exposure exposure={item.row.exposure} percentage={item.row.percentage} killed={item.row.killed} />
                </span>
              ) : null}
            </div>
          );
        })}
      </div>
      <p role="status" className={items.length === 0 ? styles.none : 'visually-hidden'}>
        {items.length === 0 ? t('shell.palette.none') : ''}
      </p>
    </Dialog>
  );
}

/** Views, kill sets, environments, themes and languages. */
function useOthers(state: ConsoleState, environment: string | null): PaletteItem[] {
  const t = useText();
  const { chooseEnvironment, chooseTheme, closeDialogs, askIncident, askStatusUpdate } = usePage();
  const incidents = useStream('incidents.watch', {}).data?.incidents;
  const openIncident = incidents?.find(({ closedAtMs }) => closedAtMs === null)?.id ?? null;
  const choose = useLanguage((own) => own.choose);
  const client = useClient();
  const { people, locked } = useRights();
  const unlocked = people?.me != null;
  return useMemo(() => {
    const views = VIEWS.map(
      (view): PaletteItem => ({
        kind: 'view',
        id: view.path,
        path: view.path,
        words: t('shell.palette.go', { view: t(view.text) }),
      }),
    );
    const action = (id: string, words: string, run: () => void): PaletteItem => ({
      kind: 'action',
      id,
      words,
      run: () => {
        // First: what is done may open a dialog of its own.
        closeDialogs();
        run();
      },
    });
    return [
      ...views,
      ...(locked
        ? [action('unlock', t('people.unlockAsk'), () => void useUnlock.getState().ask())]
        : unlocked
          ? // What refuses it shows itself: the console then stays as it is.
            [action('lock', t('people.lockNow'), () => void client.call('people.lock', {}).catch(() => undefined))]
          : []),
      ...state.killSets.map(
        ({ id }): PaletteItem => ({
          kind: 'kill-set',
          id: `kill set ${id}`,
          killSet: id,
          words: t('shell.palette.killSet', { id, environment: environment ?? '' }),
        }),
      ),
      action('incident', t('shell.palette.incident'), () =>
        askIncident({ title: '', services: [], environments: environment === null ? [] : [environment] }),
      ),
      action('status', t('shell.palette.status'), () => askStatusUpdate({ incident: openIncident })),
      ...state.environments.map(({ name, tone }) =>
        action(`environment ${name}`, t('shell.palette.switch', { environment: name }), () =>
          chooseEnvironment(name, tone),
        ),
      ),
      ...(['system', 'light', 'dark', 'contrast'] as const).map((theme) =>
        action(`theme ${theme}`, t('shell.palette.theme', { theme: t(`shell.theme.${theme}`) }), () =>
          chooseTheme(theme),
        ),
      ),
      ...LANGUAGES.map(({ id, name }) =>
        action(`language ${id}`, t('shell.palette.language', { language: name }), () => choose(id)),
      ),
    ];
  }, [
    state.environments,
    state.killSets,
    environment,
    client,
    locked,
    unlocked,
    openIncident,
    askIncident,
    askStatusUpdate,
    t,
    chooseEnvironment,
    chooseTheme,
    choose,
    closeDialogs,
  ]);
}

function useChoose(environment: string | null): (item: PaletteItem) => void {
  const t = useText();
  const [, navigate] = useLocation();
  const { askKill, askBulk, closeDialogs } = usePage();
  return (item) => {
    if (item.kind === 'action') {
      item.run();
      return;
    }
    if (item.kind === 'kill') {
      if (environment) askKill({ connection: item.row.connection, key: item.row.key, environment });
      return;
    }
    if (item.kind === 'kill-service') {
      const { service } = item;
      const name = t('flags.bulkService', { service });
      if (environment) askBulk({ environment, target: { by: 'service', service }, name });
      return;
    }
    if (item.kind === 'kill-set') {
      const { killSet } = item;
      const name = t('flags.bulkSetName', { id: killSet });
      if (environment) askBulk({ environment, target: { by: 'kill-set', killSet }, name });
      return;
    }
    closeDialogs();
    if (item.kind === 'view') navigate(item.path);
    else if (item.kind === 'service') navigate(`/flags?service=${encodeURIComponent(item.service)}`);
    else navigate(flagPath(item.row));
  };
}
