import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClient } from '../../../renderer/client/client.ts';
import { createHub, streamKey } from '../../../renderer/client/hub.ts';
import { fakeTransport, row } from './stand-in.ts';

const input = { environment: 'production' };

describe('client', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const listening = () => {
    const back = fakeTransport();
    const seen: string[] = [];
    const stop = createClient(back.transport).listen('flags.watch', input, {
      onSnapshot: (data) => seen.push(`snapshot ${data.rows.length}`),
      onDelta: (data) => seen.push(`delta ${data.upserts.length}`),
      onError: (error) => seen.push(`error ${error.code}`),
    });
    return { ...back, seen, stop };
  };
  const snapshot = { type: 'snapshot', data: { rows: [row('a')] } };
  const delta = (sequence: number) => ({ type: 'delta', sequence, data: { upserts: [row('b')], removals: [] } });

  it('hands on a snapshot and its deltas in order', () => {
    const { streams, seen } = listening();
    streams[0]!.frame(snapshot);
    streams[0]!.frame(delta(1));
    streams[0]!.frame(delta(2));
    expect(seen).toEqual(['snapshot 1', 'delta 1', 'delta 1']);
  });

  it('subscribes again when a number is missing, and shows nothing of what follows the gap', () => {
    const { streams, seen } = listening();
    streams[0]!.frame(snapshot);
    streams[0]!.frame(delta(2));
    vi.advanceTimersByTime(0);
    expect(streams).toHaveLength(2);
    expect(streams[0]!.cancelled).toBe(true);
    streams[1]!.frame(delta(1));
    expect(seen).toEqual(['snapshot 1']);
    streams[1]!.frame(snapshot);
    streams[1]!.frame(delta(1));
    expect(seen).toEqual(['snapshot 1', 'snapshot 1', 'delta 1']);
  });

  it('a second snapshot resets the numbers', () => {
    const { streams, seen } = listening();
    streams[0]!.frame(snapshot);
    streams[0]!.frame(delta(1));
    streams[0]!.frame(snapshot);
    streams[0]!.frame(delta(1));
    expect(seen).toEqual(['snapshot 1', 'delta 1', 'snapshot 1', 'delta 1']);
    expect(streams).toHaveLength(1);
  });

  it('an answer that does not fit the contract is an error, never shown', () => {
    const { streams, seen } = listening();
    streams[0]!.frame({ type: 'snapshot', data: { rows: [{ key: 'a' }] } });
    expect(seen).toEqual(['error invalid-frame']);
  });

  it('tries again after a retryable error and not after another', () => {
    const { streams, seen } = listening();
    const error = { code: 'unreachable', message: 'm', retryable: true, action: null, correlationId: 'c1' };
    streams[0]!.frame({ type: 'error', error });
    vi.advanceTimersByTime(1_000);
    expect(streams).toHaveLength(2);
    streams[1]!.frame({ type: 'error', error: { ...error, code: 'not-found', retryable: false } });
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(2);
    expect(seen).toEqual(['error unreachable', 'error not-found']);
  });

  it('stops for good', () => {
    const { streams, seen, stop } = listening();
    streams[0]!.frame(snapshot);
    streams[0]!.frame(delta(5));
    stop();
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(1);
    expect(seen).toEqual(['snapshot 1']);
  });

  it('H3: an error keeps its code, action and correlation id', async () => {
    const error = { code: 'conflict', message: 'moved', retryable: false, action: 'look again', correlationId: 'c7' };
    const back = fakeTransport(() => ({ type: 'error', id: 'x', error }));
    const call = createClient(back.transport).call('changes.execute', { hash: 'a'.repeat(64) });
    await expect(call).rejects.toMatchObject({ code: 'conflict', action: 'look again', correlationId: 'c7' });
  });

  it('refuses input that does not fit before anything is sent', async () => {
    let asked = 0;
    const back = fakeTransport(() => ++asked);
    const call = createClient(back.transport).call('changes.execute', { hash: 'nonsense' });
    await expect(call).rejects.toMatchObject({ code: 'invalid-input' });
    expect(asked).toBe(0);
  });
});

describe('shared streams', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('two subscribers of the same input share one stream, another input has its own', () => {
    const back = fakeTransport();
    const hub = createHub(createClient(back.transport));
    const first = hub.stream('slis.watch', { environment: 'p', service: 's' });
    const second = hub.stream('slis.watch', { service: 's', environment: 'p', flag: undefined });
    expect(second).toBe(first);
    const stops = [first.subscribe(() => {}), second.subscribe(() => {})];
    expect(back.streams).toHaveLength(1);
    hub.stream('slis.watch', { environment: 'q' }).subscribe(() => {});
    expect(back.streams).toHaveLength(2);
    stops[0]!();
    vi.advanceTimersByTime(60_000);
    expect(back.streams[0]!.cancelled).toBe(false);
    stops[1]!();
    vi.advanceTimersByTime(9_999);
    expect(back.streams[0]!.cancelled).toBe(false);
    vi.advanceTimersByTime(1);
    expect(back.streams[0]!.cancelled).toBe(true);
    hub.dispose();
  });

  it('E1: data stays and turns stale with its age while away, live again with the next snapshot', () => {
    const back = fakeTransport();
    let now = 1_000;
    const handle = createHub(createClient(back.transport), () => now).stream('flags.watch', input);
    handle.subscribe(() => {});
    expect(handle.get()).toMatchObject({ status: 'loading', data: undefined });
    back.streams[0]!.frame({ type: 'snapshot', data: { rows: [row('b'), row('a')] } });
    expect(handle.get()).toMatchObject({ status: 'live', receivedAtMs: 1_000 });
    now = 9_000;
    back.become('away');
    expect(handle.get()).toMatchObject({ status: 'stale', receivedAtMs: 1_000 });
    expect(handle.get().data?.rows.map((each) => each.key)).toEqual(['a', 'b']);
    back.become('open');
    expect(handle.get().status).toBe('stale');
    back.streams[0]!.frame({ type: 'snapshot', data: { rows: [] } });
    expect(handle.get()).toMatchObject({ status: 'live', receivedAtMs: 9_000, data: { rows: [] } });
  });

  it('names a stream by operation and input, whatever the order of fields', () => {
    expect(streamKey('a', { x: 1, y: 2 })).toBe(streamKey('a', { y: 2, x: 1 }));
    expect(streamKey('a', { x: 1 })).not.toBe(streamKey('a', { x: 2 }));
  });
});
