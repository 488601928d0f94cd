import { type ReactNode, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { useAction, useStream } from '../../client/index.ts';
import {
  Button,
  Dialog,
  EnvironmentName,
  ErrorState,
  type IncidentDraft,
  TextInput,
  usePage,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './incidents.module.css';

/** Title, services, environments: filled in already where it was asked for from a breach (D9). */
export function OpenDialog({ draft }: { readonly draft: IncidentDraft }) {
  const t = useText();
  const [, navigate] = useLocation();
  const close = usePage((page) => page.closeDialogs);
  const [title, setTitle] = useState(draft.title);
  const [services, setServices] = useState<readonly string[]>(draft.services);
  const [chosen, setChosen] = useState<readonly string[]>(draft.environments);
  const environments = useStream('console.watch', {}).data?.environments ?? [];
  const known = useServices(draft, chosen[0] ?? '');
  const open = useAction('incidents.open');
  const ready = title.trim() !== '' && chosen.length > 0;
  const run = () => {
    if (!ready || open.isPending) return;
    open.mutate(
      { title: title.trim(), services: [...services], environments: [...chosen] },
      {
        onSuccess: () => {
          close();
          navigate('/incidents');
        },
      },
    );
  };
  const production = environments.some(({ name, tone }) => tone === 'production' && chosen.includes(name));
  return (
    <Dialog
      open
      onClose={close}
      title={t('incidents.openTitle')}
      tone={production ? 'production' : 'neutral'}
      closeOnOutsidePress={false}
      actions={
        <>
          <Button onClick={close}>{t('incidents.cancel')}</Button>
          <Button variant="primary" aria-disabled={!ready} busy={open.isPending} onClick={run}>
            {t('incidents.openNow')}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <TextInput
          autoFocus
          label={t('incidents.name')}
          hint={t('incidents.nameHint')}
          required
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Checks
          legend={t('incidents.environments')}
          names={environments.map(({ name }) => name)}
          chosen={chosen}
          onChange={setChosen}
        >
          {(name) => (
            <EnvironmentName name={name} tone={environments.find((each) => each.name === name)?.tone ?? 'neutral'} />
          )}
        </Checks>
        {chosen.length === 0 ? <p className={styles.needed}>{t('incidents.environmentNeeded')}</p> : null}
        <Checks
          legend={t('incidents.services')}
          hint={services.length === 0 ? t('incidents.everyServiceHint') : undefined}
          names={known}
          chosen={services}
          onChange={setServices}
        />
        <p className={styles.muted}>{t('incidents.freeze')}</p>
        {open.error ? (
          <ErrorState title={t('incidents.openFailed')} detail={open.error.message} action={open.error.action} />
        ) : null}
      </form>
    </Dialog>
  );
}

/** Services that flags or SLIs of the environment name. */
function useServices(draft: IncidentDraft, environment: string): readonly string[] {
  const rows = useStream('flags.watch', { environment }).data?.rows;
  const slis = useStream('slis.watch', { environment }).data?.slis;
  return useMemo(() => {
    const names = new Set<string>(draft.services);
    for (const row of rows ?? []) for (const service of row.services) names.add(service);
    for (const { sli } of slis ?? []) names.add(sli.service);
    return [...names].sort();
  }, [draft, rows, slis]);
}

interface ChecksProps {
  readonly legend: string;
  readonly hint?: string | undefined;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  readonly children?: (name: string) => ReactNode;
}

function Checks({ legend, hint, names, chosen, onChange, children }: ChecksProps) {
  const toggle = (name: string, on: boolean) =>
    onChange(on ? [...chosen, name] : chosen.filter((each) => each !== name));
  return (
    <fieldset className={styles.checks}>
      <legend>{legend}</legend>
      <div className={styles.checkList}>
        {names.map((name) => (
          <label key={name} className={styles.check}>
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={(event) => toggle(name, event.currentTarget.checked)}
            />
            {children ? children(name) : name}
          </label>
        ))}
      </div>
      {hint ? <p className={styles.muted}>{hint}</p> : null}
    </fieldset>
  );
}
