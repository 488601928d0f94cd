import { useCallback, useEffect, useRef, useState } from 'react';
import type { InputOf } from '../../../shared/contract/index.ts';
import type { ChangePreview } from '../../../shared/model/change.ts';
import type { ScramError } from '../../../shared/model/error.ts';
import { toScramError, useClient } from '../../client/index.ts';
import { usePage } from '../../kit/index.ts';

export type ChangePhase =
  | { readonly step: 'reading' }
  | { readonly step: 'unreadable'; readonly error: ScramError }
  | { readonly step: 'ready'; readonly preview: ChangePreview }
  | { readonly step: 'sending'; readonly preview: ChangePreview }
  /** Not made; the preview is kept to be read, and has to be asked for again. */
  | { readonly step: 'refused'; readonly preview: ChangePreview; readonly error: ScramError }
  /** Made, or perhaps made: `error` is set when no answer came. */
  | {
      readonly step: 'made';
      readonly hash: string;
      readonly preview: ChangePreview;
      readonly error: ScramError | null;
    };

/** No answer: the back end may have gone on. Everything else says that nothing was written. */
const UNCERTAIN: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'cancelled', 'internal']);

export interface ChangeSteps {
  readonly phase: ChangePhase;
  lookAgain(): void;
  confirm(rationale: string): void;
}

/** Preview, propose, execute (B2): what is executed is the hash of what was shown, or nothing. */
export function useChange(input: InputOf<'changes.preview'>): ChangeSteps {
  const client = useClient();
  const follow = usePage((state) => state.follow);
  const [phase, setPhase] = useState<ChangePhase>({ step: 'reading' });
  const request = useRef(input);
  const run = useRef(0);

  const lookAgain = useCallback(() => {
    const mine = ++run.current;
    setPhase({ step: 'reading' });
    client.call('changes.preview', request.current).then(
      (preview) => mine === run.current && setPhase({ step: 'ready', preview }),
      (error: unknown) => mine === run.current && setPhase({ step: 'unreadable', error: toScramError(error) }),
    );
  }, [client]);

  useEffect(() => {
    lookAgain();
    return () => {
      run.current += 1;
    };
  }, [lookAgain]);

  const confirm = (rationale: string) => {
    if (phase.step !== 'ready') return;
    const { preview } = phase;
    const mine = run.current;
    setPhase({ step: 'sending', preview });
    const set = (next: ChangePhase) => mine === run.current && setPhase(next);
    const send = async () => {
      const change = await client.call('changes.propose', { preview: preview.hash, rationale });
      follow(change.hash);
      try {
        await client.call('changes.execute', { hash: change.hash });
        set({ step: 'made', hash: change.hash, preview, error: null });
      } catch (thrown) {
        const error = toScramError(thrown);
        if (UNCERTAIN.has(error.code)) set({ step: 'made', hash: change.hash, preview, error });
        else {
          follow(null);
          throw error;
        }
      }
    };
    send().catch((thrown: unknown) => set({ step: 'refused', preview, error: toScramError(thrown) }));
  };

  return { phase, lookAgain, confirm };
}
