import { describe, expect, it } from 'vitest';
import { notifyHandlers } from '../../../electron/rpc/handlers/notify.ts';
import type { CallContext, Context } from '../../../electron/rpc/handlers/types.ts';
import type { StatusInput } from '../../../electron/services/notify/api.ts';
import { notifyContract } from '../../../shared/contract/notify.ts';
import type { NotifyMessage, NotifyTargetState } from '../../../shared/model/notify.ts';
import { aMessage } from '../../support/notify.ts';
import { manualClock } from '../changes/world.ts';

const STATE: NotifyTargetState = {
  id: 'room',
  kind: 'slack',
  events: ['status'],
  state: 'ready',
  lastSentAtMs: null,
  waiting: 0,
  problem: null,
};

function world(operator: string | null = 'alex') {
  const asked: StatusInput[] = [];
  const sent: { message: NotifyMessage; signal: AbortSignal }[] = [];
  const notes: unknown[] = [];
  const logged: string[] = [];
  const listeners = new Set<() => void>();
  const clock = manualClock();
  const actor = operator === null ? null : { person: { operator, key: 'k1' }, sign: () => 's' };
  const parts = { noteFails: false };
  const context = {
    backend: { clock, log: { error: (event: string) => void logged.push(event) } },
    session: { person: { actor: () => actor } },
    signal: AbortSignal.abort(),
    shutdown: new AbortController().signal,
    services: {
      status: {
        message: (input: StatusInput) => {
          asked.push(input);
          return aMessage({ event: 'status', title: 'Status of production' });
        },
      },
      notify: {
        targets: () => [STATE],
        onChange: (listener: () => void) => {
          listeners.add(listener);
          return { dispose: () => void listeners.delete(listener) };
        },
        send: async (message: NotifyMessage, signal: AbortSignal) => {
          sent.push({ message, signal });
          return [{ target: 'room', ok: true, detail: null }];
        },
      },
      incidents: {
        note: (...note: unknown[]) => {
          if (parts.noteFails) throw new Error('the disk is full');
          notes.push(note);
        },
      },
    },
  } as unknown as CallContext & Context;
  return { context, asked, sent, notes, logged, listeners, clock, actor, parts };
}

const INPUT = { environment: 'production', incident: 'i1', next: 'wait' };

describe('status updates over the contract (A8)', () => {
  it('the preview is what would go out, and as text; nothing is sent', async () => {
    const { context, asked, sent, notes } = world();
    const preview = await notifyHandlers['notify.preview'](INPUT, context);
    expect(notifyContract['notify.preview'].output.parse(preview).text).toContain('[INFO] Status of production');
    expect(asked).toEqual([{ ...INPUT, operator: 'alex' }]);
    expect([sent, notes]).toEqual([[], []]);
  });

  it('is sent as the person of the session, goes on when the page is closed, and stands in the record', async () => {
    const { context, sent, notes, actor } = world();
    const answer = await notifyHandlers['notify.send'](INPUT, context);
    expect(answer).toEqual({ results: [{ target: 'room', ok: true, detail: null }] });
    expect(sent[0]?.signal.aborted).toBe(false);
    expect(notes).toEqual([['i1', expect.stringContaining('Status of production'), actor]]);
  });

  it('a record that cannot be written keeps nothing from being told', async () => {
    const { context, parts, logged } = world(null);
    parts.noteFails = true;
    expect(await notifyHandlers['notify.send'](INPUT, context)).toMatchObject({ results: [{ ok: true }] });
    expect(logged).toEqual(['notify.status-not-recorded']);
  });

  it('a burst of changes of state is one frame, and none after the end', async () => {
    const { context, listeners, clock } = world();
    const frames: unknown[] = [];
    const started = notifyHandlers['notify.watch']({}, context, (frame) => void frames.push(frame));
    expect(started.snapshot).toEqual({ targets: [STATE] });
    for (let count = 0; count < 5; count += 1) for (const listener of listeners) listener();
    await clock.advance(200);
    expect(frames).toEqual([{ targets: [STATE] }]);
    for (const listener of listeners) listener();
    started.dispose();
    await clock.advance(200);
    expect(frames).toHaveLength(1);
    expect(listeners.size).toBe(0);
  });
});
