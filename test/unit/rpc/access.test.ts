import { expect, it } from 'vitest';
import { contract, type OperationName } from '../../../shared/contract/index.ts';

/** Each operation and who may use it. A new one has to be put here on purpose: `act` writes to flags, `view` never does. */
const ACCESS: Record<OperationName, string> = {
  'console.watch': 'stream view',
  'console.retryConnection': 'call view',
  'console.probe': 'call view',
  'console.configSchema': 'call view',
  'console.initialise': 'call administer',
  'flags.watch': 'stream view',
  'flags.watchOne': 'stream view',
  'flags.drift': 'stream view',
  'flags.history': 'call view',
  'slis.watch': 'stream view',
  'now.watch': 'stream view',
  'changes.preview': 'call act',
  'changes.propose': 'call act',
  'changes.execute': 'call act',
  'changes.watch': 'stream view',
  'changes.previewBatch': 'call act',
  'changes.proposeBatch': 'call act',
  'changes.executeBatch': 'call act',
  'changes.watchBatch': 'stream view',
  'changes.recent': 'stream view',
  'ledger.verify': 'call view',
  'ledger.show': 'call view',
};

it('D5: every operation has the access that belongs to it, and no other is there', () => {
  expect(
    Object.fromEntries(Object.entries(contract).map(([op, { mode, access }]) => [op, `${mode} ${access}`])),
  ).toEqual(ACCESS);
});
