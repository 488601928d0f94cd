import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { InputOf } from '../../../shared/contract/index.ts';
import type { ChangePayload } from '../../../shared/model/change.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import { correlationIdOf } from '../../client/index.ts';
import {
  Button,
  Code,
  Dialog,
  durationText,
  EnvironmentName,
  ErrorState,
  Skeleton,
  TextArea,
  TextInput,
  useNow,
  usePage,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { LiveChange } from './live-change.tsx';
import styles from './changes.module.css';
import { useChange } from './use-change.ts';
import { WhatWillHappen } from './what-will-happen.tsx';

export interface ChangeDialogProps {
  readonly input: InputOf<'changes.preview'>;
  /** Accessible name. */
  readonly title: string;
  readonly flag: string;
  readonly environment: string;
}

/** One deliberate press on a dialog that names the environment; more where policy asks for more (B3, D2). */
export function ChangeDialog({ input, title, flag, environment }: ChangeDialogProps) {
  const t = useText();
  const close = usePage((state) => state.closeDialogs);
  const tone = usePage((state) => state.tone);
  const now = useNow();
  const confirmRef = useRef<HTMLButtonElement>(null);
  const typedRef = useRef<HTMLInputElement>(null);
  const reasonRef = useRef<HTMLTextAreaElement>(null);
  const [rationale, setRationale] = useState('');
  const [typed, setTyped] = useState('');
  const { phase, lookAgain, confirm } = useChange(input);

  const payload = 'preview' in phase ? phase.preview.payload : null;
  const shownTone = payload?.tone ?? tone;
  const made = phase.step === 'made';
  const expired = phase.step === 'ready' && phase.preview.payload.expiresAtMs <= now;
  const word = input.action === 'kill' ? 'changes.kill' : 'changes.undo';
  const name = t(input.action === 'kill' ? 'changes.killButton' : 'changes.undoButton', { environment });
  const ready =
    phase.step === 'ready' &&
    !expired &&
    phase.preview.payload.demand.people < 2 &&
    (!phase.preview.payload.demand.typed || typed === flag) &&
    (!phase.preview.payload.demand.rationale || rationale.trim() !== '');
  const demand = phase.step === 'ready' ? phase.preview.payload.demand : null;
  useEffect(() => {
    // What is still to be filled in has the focus first, else the button that acts (UI.md).
    if (demand) (demand.typed ? typedRef : demand.rationale ? reasonRef : confirmRef).current?.focus();
  }, [demand]);
  const submit = () => ready && confirm(rationale.trim());

  const actions = made ? (
    <Button variant="primary" onClick={close}>
      {t('changes.close')}
    </Button>
  ) : (
    <>
      <Button onClick={close}>{t('changes.cancel')}</Button>
      {phase.step === 'refused' || phase.step === 'unreadable' || expired ? (
        <Button variant="primary" onClick={lookAgain}>
          {t('changes.lookAgain')}
        </Button>
      ) : null}
      <Button
        ref={confirmRef}
        variant={input.action === 'kill' ? 'danger' : 'primary'}
        aria-label={name}
        busy={phase.step === 'reading' || phase.step === 'sending'}
        aria-disabled={!ready}
        onClick={submit}
        onKeyDown={ignoreHeldKey}
      >
        <span className={shownTone === 'production' ? styles.capitals : undefined}>{name}</span>
      </Button>
    </>
  );

  return (
    <Dialog
      open
      onClose={close}
      title={title}
      heading={
        <span className={styles.heading}>
          {t(word)} <Code>{flag}</Code> {environment === '' ? null : t('changes.in')}{' '}
          <EnvironmentName name={environment} tone={shownTone} />
        </span>
      }
      tone={shownTone}
      width="l"
      closeOnOutsidePress={made}
      initialFocus={confirmRef}
      actions={actions}
    >
      <div className={styles.dialog}>
        {phase.step === 'reading' ? <Reading /> : null}
        {phase.step === 'unreadable' ? <Failure title={t('changes.previewFailed')} error={phase.error} /> : null}
        {phase.step === 'refused' ? <Refusal error={phase.error} /> : null}
        {phase.step === 'made' ? (
          <>
            {phase.error ? (
              <Failure title={t('changes.uncertain')} error={phase.error} hint={t('changes.uncertainHint')} />
            ) : null}
            <LiveChange hash={phase.hash} />
          </>
        ) : null}
        {payload && !made ? <WhatWillHappen payload={payload} /> : null}
        {payload && (phase.step === 'ready' || phase.step === 'sending') ? (
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
          >
            <Demands payload={payload} />
            <TextArea
              ref={reasonRef}
              label={t('changes.reason')}
              hint={t(payload.demand.rationale ? 'changes.reasonNeeded' : 'changes.reasonHint')}
              required={payload.demand.rationale}
              maxLength={2000}
              rows={2}
              value={rationale}
              onChange={(event) => setRationale(event.currentTarget.value)}
            />
            {payload.demand.typed ? (
              <TextInput
                ref={typedRef}
                label={t('changes.typeToConfirm', { flag })}
                hint={t('changes.typeWhyCritical')}
                monospace
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
            ) : null}
            <Validity expiresAtMs={payload.expiresAtMs} now={now} />
          </form>
        ) : null}
      </div>
    </Dialog>
  );
}

/** A key that is still held down from opening the dialog must not confirm it. */
function ignoreHeldKey(event: KeyboardEvent) {
  if (event.repeat) event.preventDefault();
}

function Reading() {
  const t = useText();
  return (
    <div className={styles.reading}>
      <p>{t('changes.reading')}</p>
      <Skeleton lines={4} />
    </div>
  );
}

function Demands({ payload }: { readonly payload: ChangePayload }) {
  const t = useText();
  if (payload.demand.people < 2) return null;
  return <ErrorState title={t('changes.twoPeople', { environment: payload.environment })} />;
}

function Validity({ expiresAtMs, now }: { readonly expiresAtMs: number; readonly now: number }) {
  const t = useText();
  if (expiresAtMs <= now) return <ErrorState title={t('changes.expired')} action={t('changes.expiredHint')} />;
  return (
    <p className={styles.validity} aria-hidden>
      {t('changes.expiresIn', { duration: durationText(expiresAtMs - now) })}
    </p>
  );
}

function Refusal({ error }: { readonly error: ScramError }) {
  const t = useText();
  const titles: Partial<Record<ScramError['code'], string>> = {
    conflict: t('changes.conflict'),
    refused: t('changes.refused'),
    expired: t('changes.expired'),
  };
  return <Failure title={titles[error.code] ?? t('changes.failed')} error={error} />;
}

function Failure({
  title,
  error,
  hint,
}: {
  readonly title: string;
  readonly error: ScramError;
  readonly hint?: string;
}) {
  const t = useText();
  const id = correlationIdOf(error);
  return (
    <ErrorState
      title={title}
      detail={error.message}
      action={
        <>
          {error.action === null ? null : <p>{error.action}</p>}
          {hint === undefined ? null : <p>{hint}</p>}
          {id === null ? null : <small>{t('changes.correlation', { id })}</small>}
        </>
      }
    />
  );
}
