import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { PolicyDemand } from '../../../shared/model/change.ts';
import type { Tone } from '../../../shared/model/environment.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import { correlationIdOf } from '../../client/index.ts';
import {
  Button,
  Dialog,
  durationText,
  ErrorState,
  Skeleton,
  TextArea,
  TextInput,
  useNow,
  usePage,
} from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import styles from './changes.module.css';
import type { Confirmation } from './use-confirmation.ts';

/** What the dialog must know of a preview, whatever it is a preview of. */
export interface PreviewFacts {
  readonly environment: string;
  readonly tone: Tone;
  readonly demand: PolicyDemand;
  /** What is typed where policy asks for it. */
  readonly typedWord: string;
  readonly typedWhy: string;
  readonly expiresAtMs: number;
  /** Nothing of it can be done. */
  readonly empty?: boolean;
}

export interface ConfirmationDialogProps<P> {
  /** Accessible name. */
  readonly title: string;
  readonly heading: (tone: Tone) => ReactNode;
  /** Name of the button that acts, exactly. */
  readonly confirmName: string;
  readonly danger: boolean;
  readonly confirmation: Confirmation<P>;
  readonly factsOf: (preview: P) => PreviewFacts;
  readonly whatWillHappen: (preview: P) => ReactNode;
  /** What goes on once it was proposed; shown while it is sent when `live`, and afterwards. */
  readonly made: (hash: string) => ReactNode;
  readonly live?: boolean;
}

/** One deliberate press on a dialog that names the environment; more where policy asks for more (B3, D2). */
export function ConfirmationDialog<P>(props: ConfirmationDialogProps<P>) {
  const { title, heading, confirmName, danger, factsOf, live = false } = props;
  const { phase, lookAgain, confirm } = props.confirmation;
  const t = useText();
  const close = usePage((state) => state.closeDialogs);
  const pageTone = usePage((state) => state.tone);
  const now = useNow();
  const confirmRef = useRef<HTMLButtonElement>(null);
  const typedRef = useRef<HTMLInputElement>(null);
  const reasonRef = useRef<HTMLTextAreaElement>(null);
  const [rationale, setRationale] = useState('');
  const [typed, setTyped] = useState('');

  const facts = 'preview' in phase ? factsOf(phase.preview) : null;
  const tone = facts?.tone ?? pageTone;
  const made = phase.step === 'made';
  const running = live && phase.step === 'sending' && phase.hash !== null ? phase.hash : null;
  const expired = phase.step === 'ready' && facts !== null && facts.expiresAtMs <= now;
  const ready =
    phase.step === 'ready' &&
    facts !== null &&
    !expired &&
    facts.empty !== true &&
    facts.demand.people < 2 &&
    (!facts.demand.typed || typed === facts.typedWord) &&
    (!facts.demand.rationale || rationale.trim() !== '');
  const isReady = phase.step === 'ready';
  const first = facts?.demand.typed ? 'typed' : facts?.demand.rationale ? 'reason' : 'confirm';
  useEffect(() => {
    // What is still to be filled in has the focus first, else the button that acts (UI.md).
    if (isReady) ({ typed: typedRef, reason: reasonRef, confirm: confirmRef })[first].current?.focus();
  }, [isReady, first]);
  const submit = () => ready && confirm(rationale.trim());

  const actions = made ? (
    <Button variant="primary" onClick={close}>
      {t('changes.close')}
    </Button>
  ) : (
    <>
      <Button onClick={close}>{t(running === null ? 'changes.cancel' : 'changes.close')}</Button>
      {phase.step === 'refused' || phase.step === 'unreadable' || expired ? (
        <Button variant="primary" onClick={lookAgain}>
          {t('changes.lookAgain')}
        </Button>
      ) : null}
      <Button
        ref={confirmRef}
        variant={danger ? 'danger' : 'primary'}
        aria-label={confirmName}
        busy={phase.step === 'reading' || phase.step === 'sending'}
        aria-disabled={!ready}
        onClick={submit}
        onKeyDown={ignoreHeldKey}
      >
        <span className={tone === 'production' ? styles.capitals : undefined}>{confirmName}</span>
      </Button>
    </>
  );

  return (
    <Dialog
      open
      onClose={close}
      title={title}
      heading={<span className={styles.heading}>{heading(tone)}</span>}
      tone={tone}
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
            {props.made(phase.hash)}
          </>
        ) : null}
        {running === null ? null : props.made(running)}
        {'preview' in phase && !made && running === null ? props.whatWillHappen(phase.preview) : null}
        {facts && (phase.step === 'ready' || (phase.step === 'sending' && running === null)) && facts.empty !== true ? (
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
          >
            {facts.demand.people < 2 ? null : (
              <ErrorState title={t('changes.twoPeople', { environment: facts.environment })} />
            )}
            <TextArea
              ref={reasonRef}
              label={t('changes.reason')}
              hint={t(facts.demand.rationale ? 'changes.reasonNeeded' : 'changes.reasonHint')}
              required={facts.demand.rationale}
              maxLength={2000}
              rows={2}
              value={rationale}
              onChange={(event) => setRationale(event.currentTarget.value)}
            />
            {facts.demand.typed ? (
              <TextInput
                ref={typedRef}
                label={t('changes.typeToConfirm', { word: facts.typedWord })}
                hint={facts.typedWhy}
                monospace
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
            ) : null}
            <Validity expiresAtMs={facts.expiresAtMs} now={now} />
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
    'approval-required': t('changes.approvalRequired'),
    'rate-limited': t('changes.rateLimited'),
    expired: t('changes.expired'),
  };
  return <Failure title={titles[error.code] ?? t('changes.failed')} error={error} />;
}

interface FailureProps {
  readonly title: string;
  readonly error: ScramError;
  readonly hint?: string;
}

function Failure({ title, error, hint }: FailureProps) {
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
