import { describe, expect, it } from 'vitest';
import { createStatusUpdates, type StatusSources } from '../../../electron/services/notify/status.ts';
import type { Now } from '../../../shared/contract/slis.ts';
import { notifyMessageSchema } from '../../../shared/model/notify.ts';
import { messageText } from '../../../shared/rules/notify-text.ts';
import { flagRow } from '../../support/fake-backend.ts';
import { aGlass, AT, incident, NAMES } from './facts.ts';

const breach = {
  sli: {
    id: 'checkout/p99',
    service: 'checkout',
    name: 'p99 latency',
    connection: 'prom',
    environment: 'production',
    unit: 's',
    objective: { below: 0.6 },
    cohortFlag: null,
  },
  value: 1.23456,
  sinceMs: AT,
  suspects: [],
} as unknown as Now['breaches'][number];

function updates(over: Partial<StatusSources> = {}) {
  return createStatusUpdates({
    environments: [{ name: 'production' }, { name: 'staging' }],
    clock: { now: () => AT + 60_000 },
    rows: () => [flagRow('enable_new_pricing', { killed: true, changedAtMs: AT }), flagRow('other')],
    now: () => ({ breaches: [breach], markers: [] }),
    incidents: () => [incident, { ...incident, id: 'i2', title: 'Slow search' }],
    glass: () => [aGlass()],
    nameOf: (operator) => NAMES[operator] ?? operator,
    ...over,
  });
}

describe('A8: a status update', () => {
  it('says what happened, what is off, who acts and what next', () => {
    const message = updates().message({
      environment: 'production',
      incident: 'i1',
      next: 'We raise it again at ten.',
      operator: 'sam',
    });
    expect(notifyMessageSchema.safeParse(message).error).toBeUndefined();
    expect(message).toMatchObject({ event: 'status', severity: 'warning', key: 'status/i1' });
    const text = messageText(message);
    for (const words of [
      'Status of Checkout errors (production)',
      'What happened: Checkout errors: open since 2023-11-14 22:13:20 UTC, checkout',
      'Burning: checkout p99 latency at 1.235 s, objective below 0.6 s, since 2023-11-14 22:13:20 UTC',
      'Off: enable_new_pricing (checkout) since 2023-11-14 22:13:20 UTC',
      'Also open: Slow search',
      'Break-glass: Alex, until 2023-11-14 22:28:20 UTC',
      'Who acts: Sam; Alex',
      'What next: We raise it again at ten.',
    ]) {
      expect(text).toContain(words);
    }
    expect(text).not.toContain('other');
  });

  it('says so where there is nothing', () => {
    const quiet = updates({
      rows: () => [],
      now: () => ({ breaches: [], markers: [] }),
      incidents: () => [],
      glass: () => [],
    });
    const message = quiet.message({ environment: 'staging', incident: null, next: '', operator: null });
    expect(message).toMatchObject({ severity: 'info', key: 'status/staging' });
    const text = messageText(message);
    for (const words of ['nothing that is measured', 'no flag is killed', 'nobody is named', 'What next: not said']) {
      expect(text).toContain(words);
    }
  });

  it('several lines of what next keep their lines', () => {
    const { text } = updates().message({
      environment: 'production',
      incident: null,
      next: 'One.\nTwo.',
      operator: null,
    });
    expect(text).toBe('One.\nTwo.');
  });

  it('stays within its limits with a thousand flags off', () => {
    const many = updates({
      rows: () => Array.from({ length: 1000 }, (_, index) => flagRow(`flag_${index}`, { killed: true })),
    });
    const message = many.message({ environment: 'production', incident: null, next: 'x'.repeat(2000), operator: null });
    expect(notifyMessageSchema.safeParse(message).error).toBeUndefined();
    expect(messageText(message)).toContain('and 985 more');
  });

  it('names what does not exist', () => {
    const ask = (environment: string, id: string | null) => () =>
      updates().message({ environment, incident: id, next: '', operator: null });
    expect(ask('prod', null)).toThrow('there is no environment prod');
    expect(ask('production', 'nope')).toThrow('there is no incident nope');
    expect(ask('staging', 'i1')).toThrow('there is no incident i1 in staging');
  });
});
