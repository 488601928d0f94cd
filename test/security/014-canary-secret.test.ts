import { describe, expect, it } from 'vitest';
import { createDispatcher } from '../../electron/rpc/dispatcher.ts';
import { handlers } from '../../electron/rpc/handlers/index.ts';
import { createFakeBackend } from '../support/fake-backend.ts';
import { openPeer } from '../support/rpc-peer.ts';

const CANARY = 'CANARY-s3cr3t-7f3a';

class NamedError extends Error {
  override name = CANARY;
}

const THROWN: [string, () => unknown][] = [
  ['in the message', () => new Error(`401 for Bearer ${CANARY}`)],
  [
    'in a message of several lines that look like a stack',
    () => new Error(`x\n    at ${CANARY}.ts:1:2\n    at /a/${CANARY}.ts:1:2`),
  ],
  ['in the cause', () => new Error('failed', { cause: new Error(CANARY) })],
  ['in the name', () => new NamedError('failed')],
  ['in a code', () => Object.assign(new Error('failed'), { code: CANARY })],
  ['in a field', () => Object.assign(new Error('failed'), { headers: { authorization: CANARY } })],
  ['as a string', () => CANARY],
  ['as an object', () => ({ token: CANARY, message: CANARY })],
  ['as an aggregate', () => new AggregateError([new Error(CANARY)], CANARY)],
];

describe('014: a secret in an error reaches neither the page nor the log (E2)', () => {
  it.each(THROWN)('%s', async (_name, make) => {
    const backend = createFakeBackend();
    const dispatcher = createDispatcher(backend, {
      ...handlers,
      'ledger.verify': async () => {
        throw make();
      },
      'now.watch': () => {
        throw make();
      },
    });
    const peer = openPeer(dispatcher);
    peer.send({ type: 'call', id: '1', op: 'ledger.verify', input: {} });
    peer.send({ type: 'listen', id: '2', op: 'now.watch', input: { environment: 'production' } });
    for (const id of ['1', '2']) expect(await peer.next(id)).toMatchObject({ error: { code: 'internal' } });
    expect(JSON.stringify([peer.frames, backend.logged])).not.toContain(CANARY);
    expect(backend.logged).toHaveLength(2);
    await dispatcher.dispose();
  });

  it('the log still tells where it was thrown', async () => {
    const backend = createFakeBackend();
    const dispatcher = createDispatcher(backend, {
      ...handlers,
      'ledger.verify': async () => {
        throw Object.assign(new TypeError(CANARY), { code: 'ENOENT' });
      },
    });
    const peer = openPeer(dispatcher);
    peer.send({ type: 'call', id: '1', op: 'ledger.verify', input: {} });
    await peer.next('1');
    expect(backend.logged[0]?.fields).toMatchObject({
      op: 'ledger.verify',
      error: 'TypeError',
      code: 'ENOENT',
      at: expect.stringContaining('014-canary-secret.test.ts:'),
    });
    await dispatcher.dispose();
  });

  it('nor does what was sent to an operation that refuses it', async () => {
    const backend = createFakeBackend();
    const dispatcher = createDispatcher(backend, handlers);
    const peer = openPeer(dispatcher);
    peer.send({ type: 'call', id: '1', op: 'changes.execute', input: { hash: CANARY } });
    peer.send(`{"type":"call","id":"2","op":"ledger.verify","input":"${CANARY}"`);
    await peer.next('1');
    await peer.next('');
    expect(JSON.stringify([peer.frames, backend.logged])).not.toContain(CANARY);
    await dispatcher.dispose();
  });
});
