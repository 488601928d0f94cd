import { describe, expect, it } from 'vitest';
import { canUndo, isActive, overallVerdict, slowestRecovery } from '../../../renderer/features/changes/describe.ts';
import { affectedText, exposureText, stateText } from '../../../renderer/kit/change/describe.ts';
import { formatMessage, formatText, type TextId, type TextParams } from '../../../renderer/messages/format.ts';
import { payload, progress, recovery, state } from './samples.ts';

const t = (id: TextId, params?: TextParams) => formatText('en', id, params);

describe('words for a state', () => {
  it('says who gets the feature and what is served', () => {
    expect(stateText(t, state())).toBe('serves on, feature on for everyone');
    expect(stateText(t, state({ exposure: 'some', percentage: 20, serves: 'off' }))).toBe(
      'serves off, feature on for 20 %',
    );
    expect(exposureText(t, { exposure: 'some', percentage: null })).toBe('feature on for some');
  });

  it('B16: the code’s own default is never called off', () => {
    const words = stateText(t, state({ serves: null, exposure: 'code-default', percentage: null }));
    expect(words).toContain('own default');
    expect(words).not.toMatch(/\boff\b/);
  });

  it('says that nothing is known rather than naming nobody', () => {
    expect(affectedText(t, payload({ affectedServices: [] }))).toMatch(/every service/);
    expect(affectedText(t, payload({ affectedServices: ['a', 'b'] }))).toBe('all users of a, b');
  });
});

describe('what became of a change', () => {
  it('A4: recovered only when every SLI is; silence is cannot tell', () => {
    expect(overallVerdict([])).toBe('cannot-tell');
    expect(overallVerdict([recovery('recovered')])).toBe('recovered');
    expect(overallVerdict([recovery('recovered'), recovery('watching')])).toBe('watching');
    expect(overallVerdict([recovery('recovered'), recovery('cannot-tell')])).toBe('cannot-tell');
    expect(overallVerdict([recovery('watching'), recovery('not-recovered')])).toBe('not-recovered');
  });

  it('A4: SLIs that never left their limits neither prove nor hide a recovery', () => {
    const fine = { ...recovery('cannot-tell'), reason: { id: 'recovery.was-not-worse', params: {} } };
    expect(overallVerdict([fine, recovery('recovered')])).toBe('recovered');
    expect(overallVerdict([fine, fine])).toBe('cannot-tell');
    expect(overallVerdict([fine, recovery('watching')])).toBe('watching');
    expect(slowestRecovery([fine, { ...recovery('recovered'), tookMs: 9_000 }])).toBe(9_000);
    expect(slowestRecovery([recovery('watching'), { ...recovery('recovered'), tookMs: 9_000 }])).toBeNull();
  });

  it('stays in the dock while it spreads or while an SLI is being watched, and not after', () => {
    expect(isActive(progress({ acceptedAtMs: null }))).toBe(true);
    expect(isActive(progress({ acceptedAtMs: 1, observers: true, observed: 2 }))).toBe(true);
    expect(isActive(progress({ acceptedAtMs: 1, observers: true, observed: 3 }))).toBe(false);
    expect(isActive(progress({ acceptedAtMs: 1, recoveries: [recovery('watching')] }))).toBe(true);
    expect(isActive(progress({ acceptedAtMs: 1, recoveries: [recovery('recovered')] }))).toBe(false);
    expect(isActive({ ...progress({ acceptedAtMs: null }), stage: 'conflict' })).toBe(false);
  });

  it('B7: what was refused cannot be undone', () => {
    expect(canUndo(progress({ acceptedAtMs: 1 }))).toBe(true);
    expect(canUndo(progress({ acceptedAtMs: null }))).toBe(false);
  });
});

describe('the reasons of the recovery rule', () => {
  const ids = [
    'waiting-for-samples',
    'good-samples',
    'recovered',
    'no-limit',
    'was-not-worse',
    'too-few-samples',
    'samples-stopped',
    'still-breached',
    'outside-baseline',
    'time-over',
    'change-undone',
  ];
  it.each(ids)('H2: %s has words in both languages', (id) => {
    const params = { samples: 3, minimum: 5, good: 2, needed: 5 };
    for (const language of ['en', 'de'] as const) {
      const text = formatMessage(language, { id: `recovery.${id}`, params });
      expect(text).not.toContain('recovery.');
      expect(text).not.toContain('{');
    }
  });
});
