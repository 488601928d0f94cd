import { describe, expect, it } from 'vitest';
import { createDispatcher } from '../../electron/rpc/dispatcher.ts';
import { handlers } from '../../electron/rpc/handlers/index.ts';
import { createFakeBackend, HASH } from '../support/fake-backend.ts';
import { openPeer } from '../support/rpc-peer.ts';

const CLAIMS = [{ actor: 'admin' }, { operator: 'admin' }, { device: 'other' }, { roles: ['admin'] }, { session: {} }];

describe('013: who acts comes from the session, never from the payload', () => {
  it.each(CLAIMS)('%j is refused in the input and in the frame', async (claim) => {
    const backend = createFakeBackend();
    const dispatcher = createDispatcher(backend, handlers);
    const peer = openPeer(dispatcher);
    peer.send({ type: 'call', id: '1', op: 'changes.execute', input: { hash: HASH, ...claim } });
    peer.send({ type: 'call', id: '2', op: 'changes.propose', input: { preview: HASH, rationale: '', ...claim } });
    peer.send({ type: 'call', id: '3', op: 'changes.execute', input: { hash: HASH }, ...claim });
    expect(await peer.next('1')).toMatchObject({ error: { code: 'invalid-input' } });
    expect(await peer.next('2')).toMatchObject({ error: { code: 'invalid-input' } });
    expect(await peer.next('3')).toMatchObject({ error: { code: 'invalid-frame' } });
    expect(backend.asked).toEqual([]);
    await dispatcher.dispose();
  });

  it('B2: a state to write is refused: the page sends a hash alone', async () => {
    const backend = createFakeBackend();
    const dispatcher = createDispatcher(backend, handlers);
    const peer = openPeer(dispatcher);
    peer.send({ type: 'call', id: '1', op: 'changes.execute', input: { hash: HASH, write: { state: 'ENABLED' } } });
    expect(await peer.next('1')).toMatchObject({ error: { code: 'invalid-input' } });
    expect(backend.asked).toEqual([]);
    await dispatcher.dispose();
  });
});
