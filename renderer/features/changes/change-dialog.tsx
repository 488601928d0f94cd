import { useMemo } from 'react';
import type { InputOf } from '../../../shared/contract/index.ts';
import type { ChangePreview } from '../../../shared/model/change.ts';
import { useClient } from '../../client/index.ts';
import { WhatWillHappen } from '../../kit/change/index.ts';
import { Code, EnvironmentName } from '../../kit/index.ts';
import { useText } from '../../messages/index.ts';
import { ConfirmationDialog } from './confirmation-dialog.tsx';
import { LiveChange } from './live-change.tsx';
import { type Resumed, useConfirmation } from './use-confirmation.ts';

export interface ChangeDialogProps {
  readonly input: InputOf<'changes.preview'>;
  /** Accessible name. */
  readonly title: string;
  readonly flag: string;
  readonly environment: string;
  /** It was asked for before and is taken up again where it stands. */
  readonly resumed?: Resumed<ChangePreview> | undefined;
}

const WORDS = {
  kill: { word: 'changes.kill', button: 'changes.killButton' },
  undo: { word: 'changes.undo', button: 'changes.undoButton' },
  rollout: { word: 'changes.rollout', button: 'changes.rolloutButton' },
} as const;

/** The confirmation of one change. */
export function ChangeDialog({ input, title, flag, environment, resumed }: ChangeDialogProps) {
  const t = useText();
  const client = useClient();
  const { word, button } = WORDS[input.action];
  const steps = useMemo(
    () => ({
      preview: () => client.call('changes.preview', input),
      propose: (preview: string, rationale: string) => client.call('changes.propose', { preview, rationale }),
      request: (hash: string) => client.call('approvals.request', { subject: { kind: 'change', hash } }),
      execute: (hash: string) => client.call('changes.execute', { hash }),
      follow: true,
    }),
    [client, input],
  );
  const confirmation = useConfirmation<ChangePreview>(steps, resumed);
  return (
    <ConfirmationDialog
      title={title}
      heading={(tone) => (
        <>
          {t(word)} <Code>{flag}</Code> {environment === '' ? null : t('changes.in')}{' '}
          <EnvironmentName name={environment} tone={tone} />
        </>
      )}
      confirmName={t(button, { environment })}
      danger={input.action === 'kill'}
      confirmation={confirmation}
      factsOf={({ payload }) => ({
        environment: payload.environment,
        tone: payload.tone,
        demand: payload.demand,
        typedWord: payload.flag,
        typedWhy: t('changes.typeWhyCritical'),
        expiresAtMs: payload.expiresAtMs,
      })}
      whatWillHappen={({ payload }, more) => <WhatWillHappen payload={payload}>{more}</WhatWillHappen>}
      made={(hash) => <LiveChange hash={hash} />}
    />
  );
}
