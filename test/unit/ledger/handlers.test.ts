import { expect, it } from 'vitest';
import { createDispatcher } from '../../../electron/rpc/dispatcher.ts';
import { handlers } from '../../../electron/rpc/handlers/index.ts';
import { createFakeBackend } from '../../support/fake-backend.ts';
import { memoryLedger, TRUST_ALL } from '../../support/ledger.ts';
import { openPeer } from '../../support/rpc-peer.ts';

function world() {
  const { ledger, store } = memoryLedger(3);
  ledger.receive(memoryLedger(4).store.rowsNow, TRUST_ALL);
  const dispatcher = createDispatcher({ ...createFakeBackend(), ledger }, handlers);
  const peer = openPeer(dispatcher);
  let id = 0;
  const call = async (op: string, input: object) => {
    id += 1;
    peer.send({ type: 'call', id: String(id), op, input });
    return (await peer.next(String(id))) as { output?: Record<string, unknown>; error?: { code: string } };
  };
  return { ledger, store, dispatcher, call };
}

it('D8: the timeline of every chain is given page by page, and a filter that is none is refused', async () => {
  const { call, dispatcher } = world();
  expect((await call('ledger.timeline', { offset: 0, limit: 2 })).output).toMatchObject({
    total: 8,
    entries: [{}, {}],
  });
  expect((await call('ledger.timeline', { offset: 0, limit: 9, kinds: ['breach.began'] })).output).toMatchObject({
    total: 5,
  });
  expect((await call('ledger.timeline', { offset: -1, limit: 2 })).error?.code).toBe('invalid-input');
  expect((await call('ledger.timeline', { offset: 0, limit: 501 })).error?.code).toBe('invalid-input');
  await dispatcher.dispose();
});

it('D10: an anchor is made, and held against the chains once they were walked', async () => {
  const { call, store, dispatcher } = world();
  const made = (await call('ledger.anchor', { place: 'spoken', where: '' })).output ?? {};
  expect((await call('ledger.checkAnchor', { line: made.line })).output).toMatchObject({ ok: true });
  expect((await call('ledger.checkAnchor', { line: made.spoken })).output).toMatchObject({ ok: true });
  // A row that only looks like the head: nothing but a walk finds that what leads to it is gone.
  const index = store.rowsNow.findIndex(({ sequence }) => sequence === 2);
  store.rowsNow.splice(index, 1);
  expect((await call('ledger.checkAnchor', { line: made.line })).output).toMatchObject({
    ok: false,
    words: expect.stringContaining('do not verify'),
  });
  await dispatcher.dispose();
});

it('D6: an entry is redacted by its place, and only what may be', async () => {
  const { call, ledger, dispatcher } = world();
  const { body } = ledger.append({ kind: 'note.added', text: 'her number', incident: null });
  const { device } = ledger;
  expect(await call('ledger.redact', { device, sequence: body.sequence, reason: 'private' })).toMatchObject({
    output: {},
  });
  expect((await call('ledger.redact', { device, sequence: 1, reason: 'private' })).error?.code).toBe('refused');
  expect((await call('ledger.redact', { device, sequence: 99, reason: 'private' })).error?.code).toBe('not-found');
  expect(ledger.timeline({ offset: 0, limit: 9, kinds: ['redacted'] }).total).toBe(1);
  await dispatcher.dispose();
});
