import { describe, expect, it } from 'vitest';
import { openIn } from '../../../renderer/features/incidents/open-in.ts';
import { othersOf, presenceText } from '../../../renderer/features/team/presence.ts';
import { anIncident } from '../../support/team-page.ts';

describe('who else is here', () => {
  const presence = [
    { device: 'a', operator: 'alex', doing: 'Now, production', atMs: 0 },
    { device: 'b', operator: null, doing: '', atMs: 0 },
  ];
  const team = {
    configured: true,
    state: 'synced' as const,
    lastSyncAtMs: 0,
    waiting: 0,
    problem: null,
    chains: [],
    quarantined: [],
    presence,
  };

  it('D8: the others, without this console', () => {
    expect(othersOf(team, 'a').map(({ device }) => device)).toEqual(['b']);
    expect(othersOf(undefined, 'a')).toEqual([]);
  });

  it('says what they are at, where they say it', () => {
    expect(presence.map((each) => presenceText(each, each.operator ?? 'somebody'))).toEqual([
      'alex · Now, production',
      'somebody',
    ]);
  });
});

describe('what the strip says is held', () => {
  it('D9: open incidents of the environment in sight, and no others', () => {
    const open = anIncident(1_000_000);
    const closed = { ...open, id: 'closed', closedAtMs: 1 };
    const elsewhere = { ...open, id: 'elsewhere', environments: ['staging'] };
    expect(openIn([open, closed, elsewhere], 'production')).toEqual([open]);
    expect(openIn([open, closed, elsewhere], 'staging')).toEqual([elsewhere]);
  });
});
