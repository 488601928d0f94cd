import { describe, expect, it } from 'vitest';
import type { PolicyConfig, PolicyWindow } from '../../../shared/model/config/index.ts';
import { heldBy, type HoldQuestion } from '../../../shared/rules/policy-hold.ts';
import { isTimeZone } from '../../../shared/rules/policy-windows.ts';

const ALL_DAYS: PolicyWindow['days'] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const window = (from: string, to: string, more: Partial<PolicyWindow> = {}): PolicyWindow => ({
  days: ALL_DAYS,
  from,
  to,
  timeZone: 'UTC',
  ...more,
});

function held(production: PolicyConfig, now: string, more: Partial<HoldQuestion> = {}) {
  return heldBy({
    policy: { production },
    environment: 'production',
    flag: { key: 'enable_new_pricing', type: 'release', critical: false },
    takesAway: false,
    nowMs: Date.parse(now),
    lastRestoreAtMs: null,
    ...more,
  });
}
const until = (windows: PolicyWindow[], now: string): string | null => {
  const hold = held({ restore: { windows } }, now);
  if (hold === null) return 'open';
  return hold.untilMs === null ? null : new Date(hold.untilMs).toISOString();
};

describe('D2: time windows', () => {
  it('hold what comes before they open and from when they close, and say until when', () => {
    const day = [window('09:00', '17:00')];
    expect(until(day, '2026-03-02T08:59:59.999Z')).toBe('2026-03-02T09:00:00.000Z');
    expect(until(day, '2026-03-02T09:00:00Z')).toBe('open');
    expect(until(day, '2026-03-02T16:59:59.999Z')).toBe('open');
    expect(until(day, '2026-03-02T17:00:00Z')).toBe('2026-03-03T09:00:00.000Z');
  });

  it('hold on days that they do not name, over as many as come', () => {
    // 2026-03-06 is a Friday.
    const week = [window('09:00', '17:00', { days: ['mon', 'tue', 'wed', 'thu', 'fri'] })];
    expect(until(week, '2026-03-06T17:30:00Z')).toBe('2026-03-09T09:00:00.000Z');
    expect(until(week, '2026-03-07T12:00:00Z')).toBe('2026-03-09T09:00:00.000Z');
    expect(until([window('09:00', '17:00', { days: ['fri'] })], '2026-03-06T17:00:00Z')).toBe(
      '2026-03-13T09:00:00.000Z',
    );
  });

  it('go over midnight, and belong to the day on which they open', () => {
    const night = [window('22:00', '02:00', { days: ['fri'] })];
    expect(until(night, '2026-03-06T21:59:00Z')).toBe('2026-03-06T22:00:00.000Z');
    expect(until(night, '2026-03-06T23:59:00Z')).toBe('open');
    expect(until(night, '2026-03-07T01:59:00Z')).toBe('open');
    expect(until(night, '2026-03-07T02:00:00Z')).toBe('2026-03-13T22:00:00.000Z');
    // Friday's first hours are Thursday's night.
    expect(until(night, '2026-03-06T01:00:00Z')).toBe('2026-03-06T22:00:00.000Z');
    expect(until([window('22:00', '02:00', { days: ['sat'] })], '2026-03-08T01:00:00Z')).toBe('open');
  });

  it('may end with the day', () => {
    expect(until([window('00:00', '24:00', { days: ['mon'] })], '2026-03-02T23:59:59Z')).toBe('open');
    expect(until([window('00:00', '24:00', { days: ['mon'] })], '2026-03-03T00:00:00Z')).toBe(
      '2026-03-09T00:00:00.000Z',
    );
  });

  it('read the clock of their time zone, in summer and in winter', () => {
    const berlin = [window('09:00', '17:00', { timeZone: 'Europe/Berlin' })];
    expect(until(berlin, '2026-01-15T07:30:00Z')).toBe('2026-01-15T08:00:00.000Z');
    expect(until(berlin, '2026-07-15T06:30:00Z')).toBe('2026-07-15T07:00:00.000Z');
    // The clocks go forward in the night between: nine is an hour sooner.
    expect(until(berlin, '2026-03-28T17:00:00Z')).toBe('2026-03-29T07:00:00.000Z');
    expect(until(berlin, '2026-10-24T17:00:00Z')).toBe('2026-10-25T08:00:00.000Z');
    // It is another day there.
    expect(
      until([window('00:00', '24:00', { days: ['tue'], timeZone: 'Pacific/Auckland' })], '2026-03-02T12:00:00Z'),
    ).toBe('open');
    expect(until([window('09:00', '17:00', { timeZone: 'Asia/Kathmandu' })], '2026-03-02T03:00:00Z')).toBe(
      '2026-03-02T03:15:00.000Z',
    );
  });

  it('open as soon as the clock has passed a time that it left out, and both times that it shows one twice', () => {
    // In Berlin 02:00 to 03:00 of 2026-03-29 is not there, and that of 2026-10-25 is there twice.
    const early = [window('02:30', '04:00', { timeZone: 'Europe/Berlin' })];
    expect(until(early, '2026-03-29T00:30:00Z')).toBe('2026-03-29T01:00:00.000Z');
    const gone = [window('02:10', '02:40', { days: ['sun'], timeZone: 'Europe/Berlin' })];
    expect(until(gone, '2026-03-29T00:30:00Z')).toBe('2026-04-05T00:10:00.000Z');
    const twice = [window('02:15', '02:45', { timeZone: 'Europe/Berlin' })];
    expect(until(twice, '2026-10-25T00:20:00Z')).toBe('open');
    expect(until(twice, '2026-10-25T00:50:00Z')).toBe('2026-10-25T01:15:00.000Z');
    expect(until(twice, '2026-10-25T01:20:00Z')).toBe('open');
  });

  it('let through what any of several lets through', () => {
    const two = [window('09:00', '10:00'), window('14:07', '15:00')];
    expect(until(two, '2026-03-02T14:30:00Z')).toBe('open');
    expect(until(two, '2026-03-02T11:00:00Z')).toBe('2026-03-02T14:07:00.000Z');
  });

  it('that never open hold for ever, and say so', () => {
    expect(until([window('09:00', '09:00')], '2026-03-02T09:00:00Z')).toBeNull();
    expect(until([window('09:00', '17:00', { timeZone: 'Europe/Atlantis' })], '2026-03-02T12:00:00Z')).toBeNull();
    expect(isTimeZone('Europe/Atlantis')).toBe(false);
    expect(isTimeZone('Europe/Berlin')).toBe(true);
  });

  it('hold the direction that has them, or the rule that fits, and name what and when', () => {
    const policy: PolicyConfig = {
      restore: { windows: [window('09:00', '17:00', { days: ['mon', 'tue'], timeZone: 'Europe/Berlin' })] },
      rules: [{ types: ['ops'], windows: [window('00:00', '24:00')] }],
    };
    const night = '2026-03-02T22:00:00Z';
    expect(held(policy, night, { takesAway: true })).toBeNull();
    expect(held(policy, night, { environment: 'staging' })).toBeNull();
    expect(held(policy, night, { flag: { key: 'k', type: 'ops', critical: false } })).toBeNull();
    expect(held(policy, night)?.why).toBe(
      'policy of production gives features to users only mon, tue 09:00 to 17:00 Europe/Berlin',
    );
  });
});

describe('D2: the cool-down after a restore', () => {
  const policy: PolicyConfig = { coolDown: 600_000 };
  const restoredAtMs = Date.parse('2026-03-02T12:00:00Z');

  it('holds the next restore for its time, and not one moment longer', () => {
    expect(held(policy, '2026-03-02T12:09:59.999Z', { lastRestoreAtMs: restoredAtMs })).toEqual({
      why: 'enable_new_pricing was given to more users a short time ago, and policy of production waits 10 min before the next time',
      untilMs: restoredAtMs + 600_000,
    });
    expect(held(policy, '2026-03-02T12:10:00Z', { lastRestoreAtMs: restoredAtMs })).toBeNull();
    expect(held(policy, '2026-03-02T12:01:00Z')).toBeNull();
    expect(held({}, '2026-03-02T12:01:00Z', { lastRestoreAtMs: restoredAtMs })).toBeNull();
  });

  it('never holds a kill', () => {
    expect(held(policy, '2026-03-02T12:00:01Z', { lastRestoreAtMs: restoredAtMs, takesAway: true })).toBeNull();
  });

  it('together with windows holds until both let it through', () => {
    const both = { ...policy, restore: { windows: [window('09:00', '12:05')] } };
    const hold = held(both, '2026-03-02T12:01:00Z', { lastRestoreAtMs: restoredAtMs });
    expect(new Date(hold?.untilMs ?? 0).toISOString()).toBe('2026-03-03T09:00:00.000Z');
  });
});
