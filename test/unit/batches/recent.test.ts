import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDispatcher, type Dispatcher } from '../../../electron/rpc/dispatcher.ts';
import { handlers } from '../../../electron/rpc/handlers/index.ts';
import { aProgress, createFakeBackend, type FakeBackend } from '../../support/fake-backend.ts';
import { openPeer, type Peer } from '../../support/rpc-peer.ts';

let backend: FakeBackend;
let dispatcher: Dispatcher;
let peer: Peer;

beforeEach(() => {
  backend = createFakeBackend();
  dispatcher = createDispatcher(backend, handlers);
  peer = openPeer(dispatcher);
});
afterEach(async () => {
  await dispatcher.dispose();
  expect(backend.subscriptions(), 'subscriptions left open').toBe(0);
});

it('H4: five hundred changes of a moment are one frame of the list of changes', async () => {
  peer.send({ type: 'listen', id: 'r', op: 'changes.recent', input: { environment: 'production' } });
  expect((await peer.next('r')).type).toBe('snapshot');
  const progress = aProgress();
  const burst = (count: number): void => {
    for (let index = 0; index < count; index += 1) backend.events.progress.emit(progress);
  };
  burst(500);
  expect(await peer.next('r')).toMatchObject({ type: 'delta', sequence: 1 });
  burst(1);
  expect(await peer.next('r')).toMatchObject({ type: 'delta', sequence: 2 });
  expect(peer.frames.filter((frame) => frame.id === 'r' && frame.type === 'delta')).toHaveLength(2);
});
