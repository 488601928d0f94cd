import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSocketTransport, type SocketLike } from '../../../renderer/client/socket.ts';

class FakeSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  readonly sent: { type: string; id: string; op?: string; input?: unknown }[] = [];
  closed = false;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  open() {
    this.onopen?.({} as never);
  }
  drop() {
    this.onclose?.({} as never);
  }
  say(frame: unknown) {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) } as never);
  }
}

describe('socket transport', () => {
  let sockets: FakeSocket[];
  const build = () => {
    sockets = [];
    return createSocketTransport({
      open: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      now: Date.now,
      random: () => 0.5,
    });
  };
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('sends what was asked before it was open, and settles calls by their id', async () => {
    const transport = build();
    const first = transport.call('a', { x: undefined, y: 1 });
    const second = transport.call('b', {});
    expect(sockets[0]!.sent).toEqual([]);
    sockets[0]!.open();
    const [a, b] = sockets[0]!.sent;
    expect(a).toMatchObject({ type: 'call', op: 'a', input: { y: 1 } });
    sockets[0]!.say({ type: 'result', id: b!.id, output: 'B' });
    sockets[0]!.say({ type: 'result', id: a!.id, output: 'A' });
    expect(await first).toMatchObject({ output: 'A' });
    expect(await second).toMatchObject({ output: 'B' });
    transport.dispose();
  });

  it('E1: reconnects with growing waits, listens again, and says that it was away', () => {
    const transport = build();
    const frames: unknown[] = [];
    const states: string[] = [];
    transport.onReachability(() => states.push(transport.reachability().state));
    transport.listen('flags.watch', { environment: 'production' }, (frame) => frames.push(frame));
    sockets[0]!.open();
    const before = sockets[0]!.sent[0]!;
    sockets[0]!.drop();
    expect(transport.reachability().state).toBe('away');
    vi.advanceTimersByTime(249);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(2);
    sockets[1]!.drop();
    vi.advanceTimersByTime(499);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(1);
    sockets[2]!.open();
    const after = sockets[2]!.sent[0]!;
    expect(after).toMatchObject({ type: 'listen', op: 'flags.watch', input: { environment: 'production' } });
    expect(after.id).not.toBe(before.id);
    sockets[2]!.say({ type: 'snapshot', id: before.id, data: 'late' });
    sockets[2]!.say({ type: 'snapshot', id: after.id, data: 'fresh' });
    expect(frames).toEqual([{ type: 'snapshot', id: after.id, data: 'fresh' }]);
    expect(states).toEqual(['open', 'away', 'open']);
    transport.dispose();
  });

  it('B2: a call whose answer is lost is refused and never sent a second time', async () => {
    const transport = build();
    sockets[0]!.open();
    const call = transport.call('changes.execute', {});
    const outcome = expect(call).rejects.toMatchObject({ code: 'unreachable' });
    sockets[0]!.drop();
    await outcome;
    vi.advanceTimersByTime(1_000);
    sockets[1]!.open();
    expect(sockets[1]!.sent).toEqual([]);
    transport.dispose();
  });

  it('refuses calls at once while away', async () => {
    const transport = build();
    sockets[0]!.open();
    sockets[0]!.drop();
    await expect(transport.call('a', {})).rejects.toMatchObject({ code: 'unreachable', retryable: true });
    transport.dispose();
  });

  it('times a call out', async () => {
    const transport = build();
    sockets[0]!.open();
    const outcome = expect(transport.call('a', {})).rejects.toMatchObject({ code: 'timeout' });
    vi.advanceTimersByTime(10_000);
    sockets[0]!.say({ type: 'end', id: 'alive' });
    vi.advanceTimersByTime(10_000);
    sockets[0]!.say({ type: 'end', id: 'alive' });
    vi.advanceTimersByTime(10_000);
    await outcome;
    transport.dispose();
  });

  it('gives a silent connection up, so that a hung tunnel never looks live', () => {
    const transport = build();
    sockets[0]!.open();
    vi.advanceTimersByTime(15_000);
    expect(sockets[0]!.sent).toHaveLength(1);
    expect(transport.reachability().state).toBe('open');
    vi.advanceTimersByTime(5_000);
    expect(transport.reachability().state).toBe('away');
    expect(sockets[0]!.closed).toBe(true);
    transport.dispose();
  });

  it('survives words that are no frames', () => {
    const transport = build();
    const frames: unknown[] = [];
    transport.listen('x', {}, (frame) => frames.push(frame));
    sockets[0]!.open();
    for (const junk of ['', '{', 'null', '[]', '{"type":"snapshot"}', '{"type":"delta","id":"p1","sequence":0}'])
      sockets[0]!.say(junk);
    expect(frames).toEqual([]);
    transport.dispose();
  });
});
