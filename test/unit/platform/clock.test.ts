import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../electron/platform/clock.ts';

const noLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('system clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('runs once after the delay, and never once disposed', () => {
    const clock = systemClock(noLog);
    const run = vi.fn();
    const dropped = vi.fn();
    clock.after(100, run);
    clock.after(100, dropped).dispose();
    vi.advanceTimersByTime(99);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
    expect(dropped).not.toHaveBeenCalled();
  });

  it('starts the next round only after the last has settled', async () => {
    const clock = systemClock(noLog);
    let finish: () => void = () => undefined;
    const run = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const timer = clock.every(10, run);
    await vi.advanceTimersByTimeAsync(100);
    expect(run).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(10);
    expect(run).toHaveBeenCalledTimes(2);
    timer.dispose();
    finish();
    await vi.advanceTimersByTimeAsync(100);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('tells the log of a rejection too: left alone it would end the process', async () => {
    const error = vi.fn();
    const clock = systemClock({ ...noLog, error });
    clock.after(5, () => Promise.reject(new Error('late')));
    await vi.advanceTimersByTimeAsync(10);
    expect(error).toHaveBeenCalledWith('timer-failed', { error: 'late' });
  });

  it('tells the log what a timer threw, and goes on', async () => {
    const error = vi.fn();
    const clock = systemClock({ ...noLog, error });
    const run = vi.fn(() => Promise.reject(new Error('boom')));
    const timer = clock.every(10, run);
    clock.after(5, () => {
      throw new Error('bang');
    });
    await vi.advanceTimersByTimeAsync(35);
    timer.dispose();
    expect(run.mock.calls.length).toBeGreaterThan(1);
    expect(error.mock.calls.map(([, fields]) => fields.error)).toEqual(['bang', 'boom', 'boom', 'boom']);
  });

  it('does not fire a very long delay at once', () => {
    const run = vi.fn();
    systemClock(noLog).after(2 ** 40, run);
    vi.advanceTimersByTime(60_000);
    expect(run).not.toHaveBeenCalled();
  });
});
