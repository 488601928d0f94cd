import { useCallback, useEffect, useRef, useState } from 'react';
import type { ApprovalItem } from '../../../shared/model/approval.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import { correlationIdOf, toScramError } from '../../client/index.ts';
import { usePage } from '../../kit/index.ts';

/** How something is looked at, written down and done; each step takes nothing but the hash of the one before (B2). */
export interface Confirmable<P extends { readonly hash: string }> {
  preview(): Promise<P>;
  propose(preview: string, rationale: string): Promise<{ readonly hash: string }>;
  /** Asks for a second person's approval of what was proposed (D1). */
  request(hash: string): Promise<ApprovalItem>;
  execute(hash: string): Promise<unknown>;
  /** The page follows it in the dock after the dialog. */
  readonly follow: boolean;
}

export type Phase<P> =
  | { readonly step: 'reading' }
  | { readonly step: 'unreadable'; readonly error: ScramError }
  | { readonly step: 'ready'; readonly preview: P }
  /** Being written down and asked for; nothing is executed. */
  | { readonly step: 'asking'; readonly preview: P }
  /** Asked for; what has become of it is told by the stream of approvals. */
  | { readonly step: 'waiting'; readonly preview: P; readonly hash: string; readonly item: ApprovalItem }
  | { readonly step: 'sending'; readonly preview: P; readonly hash: string | null }
  /**
   * Not made; the preview is kept to be read, and has to be asked for again. `hash` is of what was written down and may
   * still be let through (D9); null when nothing was.
   */
  | { readonly step: 'refused'; readonly preview: P; readonly error: ScramError; readonly hash: string | null }
  /** Made, or perhaps made: `error` is set when no answer came. */
  | { readonly step: 'made'; readonly hash: string; readonly preview: P; readonly error: ScramError | null };

/** No answer: the back end may have gone on. Everything else says that nothing was written. */
const UNCERTAIN: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'cancelled', 'internal']);

/** The back end's own word that trying again can help says that it looked, and that nothing was written. */
function isUncertain(error: ScramError): boolean {
  return UNCERTAIN.has(error.code) && !(correlationIdOf(error) !== null && error.retryable);
}

export interface Confirmation<P> {
  readonly phase: Phase<P>;
  lookAgain(): void;
  /** Writes it down and does it. */
  confirm(rationale: string): void;
  /** Writes it down and asks for a second person's approval. */
  ask(rationale: string): void;
  /** Does what was approved. */
  run(): void;
  /** Does what an incident held, once it was let through. */
  runHeld(): void;
}

/** A request that was made earlier and is taken up again. */
export interface Resumed<P> {
  readonly preview: P;
  readonly item: ApprovalItem;
}

/** Preview, propose, execute (B2): what is executed is the hash of what was shown, or nothing. */
export function useConfirmation<P extends { readonly hash: string }>(
  confirmable: Confirmable<P>,
  resumed?: Resumed<P>,
): Confirmation<P> {
  const follow = usePage((state) => state.follow);
  const [phase, setPhase] = useState<Phase<P>>(() =>
    resumed ? { step: 'waiting', ...resumed, hash: resumed.item.request.body.subject.hash } : { step: 'reading' },
  );
  const steps = useRef(confirmable);
  const begun = useRef(resumed === undefined);
  const run = useRef(0);

  const lookAgain = useCallback(() => {
    const mine = ++run.current;
    setPhase({ step: 'reading' });
    steps.current.preview().then(
      (preview) => mine === run.current && setPhase({ step: 'ready', preview }),
      (error: unknown) => mine === run.current && setPhase({ step: 'unreadable', error: toScramError(error) }),
    );
  }, []);

  useEffect(() => {
    if (begun.current) lookAgain();
    return () => {
      run.current += 1;
    };
  }, [lookAgain]);

  const attempt = (preview: P, work: (set: (next: Phase<P>) => void) => Promise<void>) => {
    const mine = run.current;
    const set = (next: Phase<P>) => {
      if (mine === run.current) setPhase(next);
    };
    work(set).catch((thrown: unknown) => set({ step: 'refused', preview, error: toScramError(thrown), hash: null }));
  };

  const execute = async (preview: P, hash: string, set: (next: Phase<P>) => void) => {
    if (confirmable.follow) follow(hash);
    set({ step: 'sending', preview, hash });
    try {
      await steps.current.execute(hash);
      set({ step: 'made', hash, preview, error: null });
    } catch (thrown) {
      const error = toScramError(thrown);
      if (isUncertain(error)) set({ step: 'made', hash, preview, error });
      else {
        if (confirmable.follow) follow(null);
        set({ step: 'refused', preview, error, hash });
      }
    }
  };

  const again = (preview: P, hash: string) => {
    setPhase({ step: 'sending', preview, hash: null });
    attempt(preview, (set) => execute(preview, hash, set));
  };

  return {
    phase,
    lookAgain,
    confirm: (rationale) => {
      if (phase.step !== 'ready') return;
      const { preview } = phase;
      setPhase({ step: 'sending', preview, hash: null });
      attempt(preview, async (set) => {
        const { hash } = await steps.current.propose(preview.hash, rationale);
        await execute(preview, hash, set);
      });
    },
    ask: (rationale) => {
      if (phase.step !== 'ready') return;
      const { preview } = phase;
      setPhase({ step: 'asking', preview });
      attempt(preview, async (set) => {
        const { hash } = await steps.current.propose(preview.hash, rationale);
        const item = await steps.current.request(hash);
        set({ step: 'waiting', preview, hash, item });
      });
    },
    run: () => {
      if (phase.step === 'waiting') again(phase.preview, phase.hash);
    },
    runHeld: () => {
      if (phase.step === 'refused' && phase.hash !== null) again(phase.preview, phase.hash);
    },
  };
}
