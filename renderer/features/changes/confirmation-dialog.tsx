import { type KeyboardEvent, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import type { Tone } from '../../../shared/model/environment.ts';
import { mayMake } from '../../../shared/rules/roles.ts';
import { useRights, useStream } from '../../client/index.ts';
import { Button, Dialog, Skeleton, useNow, usePage, useRefusal } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { useApprovalParts } from './approval-parts.ts';
import styles from './changes.module.css';
import { ConfirmationForm } from './confirmation-form.tsx';
import { Failure, Refusal } from './failure.tsx';
import { HeldByIncident } from './held-by-incident.tsx';
import type { PreviewFacts } from './preview-facts.ts';
import { type Terms, termsOf } from './terms.ts';
import { TwoPeople } from './two-people.tsx';
import type { Confirmation } from './use-confirmation.ts';

export interface ConfirmationDialogProps<P> {
  /** Accessible name. */
  readonly title: string;
  readonly heading: (tone: Tone) => ReactNode;
  /** Name of the button that acts, exactly. */
  readonly confirmName: string;
  readonly danger: boolean;
  readonly confirmation: Confirmation<P>;
  readonly factsOf: (preview: P) => PreviewFacts;
  /** `more` belongs to it: that a second person must approve it. */
  readonly whatWillHappen: (preview: P, more: ReactNode) => ReactNode;
  /** What goes on once it was proposed; shown while it is sent when `live`, and afterwards. */
  readonly made: (hash: string) => ReactNode;
  readonly live?: boolean;
}

/** One deliberate press on a dialog that names the environment; more where policy asks for more (B3, D2). */
export function ConfirmationDialog<P>(props: ConfirmationDialogProps<P>) {
  const { title, heading, confirmName, danger, factsOf, live = false } = props;
  const { phase, lookAgain, confirm, ask, run, runHeld } = props.confirmation;
  const t = useText();
  const { Waiting, BreakGlass } = useApprovalParts();
  const close = usePage((state) => state.closeDialogs);
  const pageTone = usePage((state) => state.tone);
  const { people } = useRights();
  const refusal = useRefusal('act');
  const approvals = useStream('approvals.watch', {}).data;
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
  const terms: Terms = facts
    ? termsOf(facts.demand, facts.environment, people?.me ?? null, approvals?.glass ?? [])
    : 'alone';
  const item =
    phase.step === 'waiting'
      ? (approvals?.items.find(({ request }) => request.hash === phase.item.request.hash) ?? phase.item)
      : null;
  const expired = phase.step === 'ready' && facts !== null && facts.expiresAtMs <= now;
  const ended = item !== null && item.state !== 'waiting' && item.state !== 'approved';
  const roleRefusal =
    refusal ?? (facts && people?.me && !mayMake(people.me.roles, facts.demand) ? t('changes.roleRefusal') : null);
  const filled =
    phase.step === 'ready' &&
    facts !== null &&
    !expired &&
    facts.empty !== true &&
    roleRefusal === null &&
    (!facts.demand.typed || typed === facts.typedWord) &&
    (!facts.demand.rationale || rationale.trim() !== '');
  const approved = item?.executableHere === true && (item.state === 'approved' || terms === 'glass') && !ended;
  const asking = terms === 'approved' && phase.step !== 'waiting' && phase.step !== 'sending';
  const isReady = phase.step === 'ready';
  const first = facts?.demand.typed ? 'typed' : facts?.demand.rationale ? 'reason' : 'confirm';
  useEffect(() => {
    // What is still to be filled in has the focus first, else the button that acts (UI.md).
    if (isReady) ({ typed: typedRef, reason: reasonRef, confirm: confirmRef })[first].current?.focus();
  }, [isReady, first]);
  const submit = () => {
    if (approved) run();
    else if (filled) (asking ? ask : confirm)(rationale.trim());
  };

  const actionName = asking ? t('changes.ask') : confirmName;
  const actions = made ? (
    <Button variant="primary" onClick={close}>
      {t('changes.close')}
    </Button>
  ) : (
    <>
      <Button onClick={close}>
        {t(running === null && phase.step !== 'waiting' ? 'changes.cancel' : 'changes.close')}
      </Button>
      {phase.step === 'refused' || phase.step === 'unreadable' || expired || ended ? (
        <Button variant="primary" onClick={lookAgain}>
          {t('changes.lookAgain')}
        </Button>
      ) : null}
      <Button
        ref={confirmRef}
        variant={danger && !asking ? 'danger' : 'primary'}
        aria-label={actionName}
        busy={phase.step === 'reading' || phase.step === 'sending' || phase.step === 'asking'}
        aria-disabled={!filled && !approved}
        title={roleRefusal ?? undefined}
        onClick={submit}
        onKeyDown={ignoreHeldKey}
      >
        <span className={tone === 'production' && !asking ? styles.capitals : undefined}>{actionName}</span>
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
        {phase.step === 'refused' && phase.hash !== null && facts ? (
          <HeldByIncident
            error={phase.error}
            hash={phase.hash}
            environment={facts.environment}
            onLetThrough={runHeld}
          />
        ) : null}
        {phase.step === 'made' ? (
          <>
            {phase.error ? (
              <Failure title={t('changes.uncertain')} error={phase.error} hint={t('changes.uncertainHint')} />
            ) : null}
            {props.made(phase.hash)}
          </>
        ) : null}
        {item ? (
          <Suspense fallback={<Skeleton lines={3} />}>
            <Waiting item={item} />
          </Suspense>
        ) : null}
        {running === null ? null : props.made(running)}
        {'preview' in phase && facts && !made && running === null
          ? props.whatWillHappen(
              phase.preview,
              item && terms !== 'glass' ? null : <TwoPeople demand={facts.demand} terms={terms} />,
            )
          : null}
        {roleRefusal !== null && isReady ? <p className={styles.note}>{roleRefusal}</p> : null}
        {facts &&
        facts.empty !== true &&
        (isReady || phase.step === 'asking' || (phase.step === 'sending' && running === null)) ? (
          <ConfirmationForm
            facts={facts}
            now={now}
            rationale={rationale}
            onRationale={setRationale}
            typed={typed}
            onTyped={setTyped}
            onSubmit={submit}
            reasonRef={reasonRef}
            typedRef={typedRef}
          />
        ) : null}
        {facts && terms === 'approved' && facts.empty !== true && (isReady || (item?.state === 'waiting' && !ended)) ? (
          <Suspense fallback={null}>
            <BreakGlass environment={facts.environment} tone={tone} />
          </Suspense>
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
