import { describe, expect, it } from 'vitest';
import { type PaletteItem, paletteItems } from '../../../renderer/app/palette-items.ts';
import type { FlagRow } from '../../../shared/model/flag.ts';

const row = (key: string, change: Partial<FlagRow> = {}): FlagRow => ({
  connection: 'c',
  key,
  type: 'release',
  polarity: 'enables',
  owner: null,
  critical: false,
  stale: false,
  services: ['checkout'],
  exposure: 'everyone',
  percentage: 100,
  serves: 'on',
  targeting: null,
  killed: false,
  killable: true,
  changedAtMs: null,
  ...change,
});
const others: PaletteItem[] = [{ kind: 'view', id: '/now', path: '/now', words: 'Go to Now' }];
const ask = (query: string, rows: FlagRow[]) =>
  paletteItems({
    query,
    rows,
    others,
    open: (key) => `Open ${key}`,
    kill: (key) => `Kill ${key}`,
    service: (service) => `Flags of ${service}`,
    killService: (service) => `Kill every flag of ${service}`,
  }).map((item) => item.words);

describe('command palette', () => {
  const rows = [
    row('old_new_pricing'),
    row('new_pricing'),
    row('search'),
    row('dead', { killed: true }),
    row('odd', { killable: false }),
  ];

  it('A1: finds a flag by part of its key, the best match first, to open and to kill', () => {
    expect(ask('new_pri', rows)).toEqual([
      'Open new_pricing',
      'Kill new_pricing',
      'Open old_new_pricing',
      'Kill old_new_pricing',
    ]);
    expect(ask('new_pricing', rows)[0]).toBe('Open new_pricing');
  });

  it('offers the kill first to whoever types kill', () => {
    expect(ask('kill search', rows)[0]).toBe('Kill search');
  });

  it('offers no kill of what is killed or cannot be killed', () => {
    expect(ask('dead', rows)).toEqual(['Open dead']);
    expect(ask('odd', rows)).toEqual(['Open odd']);
  });

  it('finds views and services, and offers the views before anything is typed', () => {
    expect(ask('', rows)).toEqual(['Go to Now']);
    expect(ask('checkout', rows)).toEqual(['Flags of checkout', 'Kill every flag of checkout']);
    expect(ask('kill checkout', rows)).toEqual(['Kill every flag of checkout', 'Flags of checkout']);
    expect(ask('go now', rows)).toContain('Go to Now');
    expect(ask('nothing like it', rows)).toEqual([]);
  });
});
