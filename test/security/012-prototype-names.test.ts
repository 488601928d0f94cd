import { describe, expect, it } from 'vitest';
import { createDispatcher } from '../../electron/rpc/dispatcher.ts';
import { handlers } from '../../electron/rpc/handlers/index.ts';
import { createFakeBackend } from '../support/fake-backend.ts';
import { openPeer } from '../support/rpc-peer.ts';

const NAMES = Object.getOwnPropertyNames(Object.prototype);

describe('012: names of the prototype are no operations', () => {
  it.each([...NAMES, 'prototype', 'then', 'console', 'changes.', '.execute'])('%s', async (op) => {
    const dispatcher = createDispatcher(createFakeBackend(), handlers);
    const peer = openPeer(dispatcher);
    peer.send({ type: 'call', id: '1', op, input: {} });
    peer.send({ type: 'listen', id: '2', op, input: {} });
    expect(await peer.next('1')).toMatchObject({ error: { code: 'unknown-operation' } });
    expect(await peer.next('2')).toMatchObject({ error: { code: 'unknown-operation' } });
    await dispatcher.dispose();
  });

  it('and as ids they are ids like any other', async () => {
    const dispatcher = createDispatcher(createFakeBackend(), handlers);
    const peer = openPeer(dispatcher);
    for (const id of NAMES) {
      peer.send({ type: 'call', id, op: 'ledger.verify', input: {} });
      expect((await peer.next(id)).type).toBe('result');
    }
    await dispatcher.dispose();
  });

  it('a polluted input reaches no handler', async () => {
    const dispatcher = createDispatcher(createFakeBackend(), handlers);
    const peer = openPeer(dispatcher);
    for (const [id, input] of [
      ['1', '{"limit":5,"__proto__":{"limit":1}}'],
      ['2', '{"limit":5,"constructor":{"prototype":{"admin":true}}}'],
    ] as const) {
      peer.send(`{"type":"call","id":"${id}","op":"ledger.show","input":${input}}`);
      expect((await peer.next(id)).type).toBe('error');
    }
    expect(Reflect.get({}, 'admin')).toBeUndefined();
    await dispatcher.dispose();
  });
});
