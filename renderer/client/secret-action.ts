import { useState } from 'react';
import type { CallName, InputOf, OutputOf } from '../../shared/contract/index.ts';
import type { ScramError } from '../../shared/model/error.ts';
import { toScramError } from './errors.ts';
import { useClient } from './hooks.tsx';

interface Outcome<T> {
  readonly isPending: boolean;
  readonly error: ScramError | null;
  readonly data: T | undefined;
}

export interface SecretAction<I, O> extends Outcome<O> {
  mutate(input: I, options?: { readonly onSuccess?: (output: O) => void }): void;
}

/** As `useAction`, for what carries a secret: the query cache keeps what was sent with each call; this keeps nothing (E2). */
export function useSecretAction<K extends CallName>(op: K): SecretAction<InputOf<K>, OutputOf<K>> {
  const client = useClient();
  const [outcome, setOutcome] = useState<Outcome<OutputOf<K>>>({ isPending: false, error: null, data: undefined });
  return {
    ...outcome,
    mutate: (input, options) => {
      setOutcome({ isPending: true, error: null, data: undefined });
      client.call(op, input).then(
        (data) => {
          setOutcome({ isPending: false, error: null, data });
          options?.onSuccess?.(data);
        },
        (thrown: unknown) => setOutcome({ isPending: false, error: toScramError(thrown), data: undefined }),
      );
    },
  };
}
