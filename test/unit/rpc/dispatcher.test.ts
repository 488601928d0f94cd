import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ErrorCode, ScramError } from '../../../shared/model/error.ts';
import { createDispatcher, type Dispatcher } from '../../../electron/rpc/dispatcher.ts';
import { type Handlers, handlers } from '../../../electron/rpc/handlers/index.ts';
import { createFakeBackend, type FakeBackend, HASH } from '../../support/fake-backend.ts';
import { openPeer, type Peer } from '../../support/rpc-peer.ts';

let backend: FakeBackend;
let dispatcher: Dispatcher;
let peer: Peer;

beforeEach(() => {
  backend = createFakeBackend();
  dispatcher = createDispatcher(backend, handlers, { calls: 2, streams: 2, shutdownMs: 100 });
  peer = openPeer(dispatcher);
});
afterEach(async () => {
  await dispatcher.dispose();
  expect(backend.subscriptions(), 'subscriptions left open').toBe(0);
});

const withHandlers = (over: Partial<Handlers>) =>
  createDispatcher(backend, { ...handlers, ...over }, { shutdownMs: 50 });

async function codeOf(id: string, from = peer): Promise<ErrorCode | string> {
  const frame = await from.next(id);
  return frame.type === 'error' ? frame.error.code : frame.type;
}

describe('a call', () => {
  it('goes to its handler and comes back read by the output schema', async () => {
    peer.send({ type: 'call', id: '1', op: 'changes.execute', input: { hash: HASH } });
    expect(await peer.next('1')).toMatchObject({ type: 'result', output: { stage: 'accepted' } });
    expect(backend.asked).toEqual([{ execute: HASH }]);
  });

  it.each<[string, unknown, ErrorCode, string]>([
    ['an unknown operation', { type: 'call', id: 'x', op: 'flags.delete', input: {} }, 'unknown-operation', 'x'],
    ['a stream that is called', { type: 'call', id: 'x', op: 'console.watch', input: {} }, 'unknown-operation', 'x'],
    [
      'a call that is listened to',
      { type: 'listen', id: 'x', op: 'ledger.verify', input: {} },
      'unknown-operation',
      'x',
    ],
    [
      'input of the wrong type',
      { type: 'call', id: 'x', op: 'ledger.show', input: { limit: '5' } },
      'invalid-input',
      'x',
    ],
    ['input out of range', { type: 'call', id: 'x', op: 'ledger.show', input: { limit: 1001 } }, 'invalid-input', 'x'],
    [
      'more input than asked for',
      { type: 'call', id: 'x', op: 'ledger.verify', input: { a: 1 } },
      'invalid-input',
      'x',
    ],
    ['no input', { type: 'call', id: 'x', op: 'ledger.verify' }, 'invalid-frame', 'x'],
    ['a field too many', { type: 'call', id: 'x', op: 'ledger.verify', input: {}, as: 'me' }, 'invalid-frame', 'x'],
    ['an unknown type', { type: 'shout', id: 'x' }, 'invalid-frame', 'x'],
    [
      'an id that is too long',
      { type: 'call', id: 'x'.repeat(65), op: 'ledger.verify', input: {} },
      'invalid-frame',
      '',
    ],
    ['text that is not JSON', '{"type":', 'invalid-frame', ''],
    ['null', 'null', 'invalid-frame', ''],
    ['a frame past the limit', `"${'x'.repeat(256 * 1024)}"`, 'too-large', ''],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'invalid-frame', ''],
    ['a key named __proto__', '{"type":"cancel","id":"x","__proto__":{}}', 'invalid-frame', 'x'],
  ])('refuses %s with a typed error', async (_name, frame, code, id) => {
    peer.send(frame);
    expect(await codeOf(id)).toBe(code);
  });

  it('D5: needs the access that the operation declares', async () => {
    const viewer = openPeer(dispatcher, ['view']);
    viewer.send({ type: 'call', id: '1', op: 'changes.execute', input: { hash: HASH } });
    viewer.send({ type: 'call', id: '2', op: 'console.initialise', input: { directory: '/d' } });
    viewer.send({ type: 'call', id: '3', op: 'ledger.verify', input: {} });
    expect(await codeOf('1', viewer)).toBe('forbidden');
    expect(await codeOf('2', viewer)).toBe('forbidden');
    expect(await codeOf('3', viewer)).toBe('result');
    expect(backend.asked).toEqual([]);
  });

  it('passes typed errors with what to do, and their cause stays behind', async () => {
    const failing = withHandlers({
      'ledger.verify': async () => {
        const cause = new Error('canary-secret');
        throw new ScramError('unreachable', 'no answer from db', { action: 'Start it', cause });
      },
    });
    const caller = openPeer(failing);
    caller.send({ type: 'call', id: '1', op: 'ledger.verify', input: {} });
    const frame = await caller.next('1');
    expect(frame).toMatchObject({
      error: { code: 'unreachable', message: 'no answer from db', retryable: true, action: 'Start it' },
    });
    expect(JSON.stringify(frame)).not.toContain('canary');
    await failing.dispose();
  });

  it('answers internal, logged with its correlation id, when an output does not fit the contract', async () => {
    const wrong = withHandlers({ 'ledger.verify': async () => ({ device: 'secret-canary' }) as never });
    const caller = openPeer(wrong);
    caller.send({ type: 'call', id: '1', op: 'ledger.verify', input: {} });
    const frame = await caller.next('1');
    expect(frame).toMatchObject({ type: 'error', error: { code: 'internal', retryable: false } });
    const correlationId = frame.type === 'error' ? frame.error.correlationId : '';
    expect(backend.logged).toMatchObject([{ level: 'error', event: 'rpc.internal', fields: { correlationId } }]);
    expect(JSON.stringify([frame, backend.logged])).not.toContain('canary');
    await wrong.dispose();
  });

  it('limits calls at once, refuses an id in use without touching the call, and cancels', async () => {
    let aborted = 0;
    const slow = createDispatcher(
      backend,
      {
        ...handlers,
        'ledger.verify': (_input, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted += 1;
              reject(signal.reason);
            });
          }),
      },
      { calls: 2, shutdownMs: 50 },
    );
    const caller = openPeer(slow);
    caller.send({ type: 'call', id: '1', op: 'ledger.verify', input: {} });
    caller.send({ type: 'call', id: '2', op: 'ledger.verify', input: {} });
    caller.send({ type: 'call', id: '3', op: 'ledger.verify', input: {} });
    caller.send({ type: 'call', id: '1', op: 'ledger.verify', input: {} });
    expect(await codeOf('3', caller)).toBe('busy');
    expect(await codeOf('', caller)).toBe('invalid-frame');
    caller.send({ type: 'cancel', id: '1' });
    expect(await codeOf('1', caller)).toBe('cancelled');
    caller.close();
    expect(aborted).toBe(2);
    await slow.dispose();
  });

  it('B2: a kill under way goes on when the page is closed, and a shutdown waits for it', async () => {
    let finish: () => void = () => undefined;
    let stopped = false;
    const slow = createDispatcher(
      backend,
      {
        ...handlers,
        'changes.execute': (_input, { signal, shutdown }) =>
          new Promise((resolve) => {
            expect(signal.aborted).toBe(false);
            shutdown.addEventListener('abort', () => (stopped = true));
            finish = () => resolve(backend.services().changes.progress(HASH)!);
          }),
      },
      { shutdownMs: 5000 },
    );
    const caller = openPeer(slow);
    caller.send({ type: 'call', id: '1', op: 'changes.execute', input: { hash: HASH } });
    caller.close();
    const closing = slow.dispose();
    expect(stopped).toBe(false);
    finish();
    const before = Date.now();
    await closing;
    expect(Date.now() - before).toBeLessThan(2000);
  });
});

describe('what the handlers ask of the services', () => {
  it('names the connections that exist when one is retried that does not', async () => {
    peer.send({ type: 'call', id: '1', op: 'console.retryConnection', input: { connection: 'none' } });
    expect(await peer.next('1')).toMatchObject({ error: { code: 'not-found', action: 'Connections: local' } });
    peer.send({ type: 'call', id: '2', op: 'console.retryConnection', input: { connection: 'local' } });
    expect(await codeOf('2')).toBe('result');
    expect(backend.asked).toEqual([{ retry: 'local' }]);
  });

  it.each([
    ['flags.watch', { environment: 'nowhere' }],
    ['slis.watch', { environment: 'nowhere' }],
    ['now.watch', { environment: 'nowhere' }],
    ['changes.recent', { environment: 'nowhere' }],
    ['flags.watchOne', { connection: 'local', key: 'gone' }],
    ['changes.watch', { hash: 'b'.repeat(64) }],
  ])('%s answers not-found for what does not exist, and leaves nothing subscribed', async (op, input) => {
    peer.send({ type: 'listen', id: '1', op, input });
    expect(await codeOf('1')).toBe('not-found');
    expect(backend.subscriptions()).toBe(1);
  });

  it.each([
    ['console.watch', {}],
    ['flags.watch', { environment: 'production' }],
    ['flags.watchOne', { connection: 'local', key: 'flag-0' }],
    ['slis.watch', { environment: 'production' }],
    ['now.watch', { environment: 'production' }],
    ['changes.watch', { hash: HASH }],
    ['changes.recent', { environment: 'production' }],
  ])('%s begins with a snapshot', async (op, input) => {
    peer.send({ type: 'listen', id: '1', op, input });
    expect((await peer.next('1')).type).toBe('snapshot');
  });

  it.each([
    ['flags.history', { connection: 'local', key: 'flag-0' }],
    ['changes.preview', { action: 'kill', connection: 'local', flag: 'flag-0', environment: 'production' }],
    ['changes.preview', { action: 'undo', change: HASH }],
    ['changes.propose', { preview: HASH, rationale: 'p99' }],
    ['ledger.verify', {}],
    ['ledger.show', { limit: 5, before: 3 }],
    ['console.configSchema', {}],
    ['console.initialise', { directory: '/d' }],
  ])('%s answers', async (op, input) => {
    peer.send({ type: 'call', id: '1', op, input });
    expect((await peer.next('1')).type).toBe('result');
  });
});
