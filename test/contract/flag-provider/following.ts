import { expect, it } from 'vitest';
import { ENVIRONMENT, never, until, type Tools } from './tools.ts';

/** What others change: marks, audit, watch. */
export function followingTests({ using, read }: Tools): void {
  it('an idle look at the mark finds nothing; a change, a new flag and a removal are found', () =>
    using(async (fixture) => {
      const { provider } = fixture;
      if (provider.readChanges === undefined) return;
      const changesSince = (mark: string) => provider.readChanges!(ENVIRONMENT, mark, never);
      const markNow = async () => {
        let mark: string | null = null;
        // Sources whose clock is coarse have no mark for a moment after a change.
        await until(async () => {
          mark = (await provider.readEnvironment(ENVIRONMENT, never)).mark;
          return mark !== null;
        });
        return mark ?? '';
      };
      let mark = await markNow();
      expect(await changesSince(mark)).toMatchObject({ upserts: [], removals: [] });

      await fixture.changeElsewhere('enable_rollout');
      const changed = await changesSince(mark);
      if (changed !== null) {
        const upsert = changed.upserts.find((flag) => flag.key === 'enable_rollout');
        expect(upsert).toEqual(await read(fixture, 'enable_rollout'));
        expect(changed.removals).toEqual([]);
      }
      mark = changed?.mark ?? (await markNow());
      expect(await changesSince(mark)).toMatchObject({ upserts: [], removals: [] });

      if (fixture.seedMany !== undefined) {
        const added = await fixture.seedMany(3);
        const grown = await changesSince(mark);
        if (grown !== null) expect(grown.upserts.map((flag) => flag.key)).toEqual(expect.arrayContaining([...added]));
        mark = grown?.mark ?? (await markNow());
      }
      await fixture.removeElsewhere('enable_plain');
      const removed = await changesSince(mark);
      if (removed !== null) {
        expect(removed.removals).toContain('enable_plain');
        expect(removed.upserts.map((flag) => flag.key)).not.toContain('enable_plain');
      }
    }));

  it('B2: can be asked for an approval of its own, and followed, only where it says so', () =>
    using(async ({ provider }) => {
      const { approvals } = provider.capabilities;
      expect(provider.requestApproval !== undefined).toBe(approvals);
      expect(provider.followApproval !== undefined).toBe(approvals);
      if (!approvals) expect(provider.applyApproval).toBeUndefined();
    }));

  it('D6: tells who changed a flag elsewhere and when, where it keeps that', () =>
    using(async (fixture) => {
      const { provider } = fixture;
      if (!provider.capabilities.audit) return expect(provider.audit).toBeUndefined();
      const sinceMs = Date.now() - 60_000;
      const before = new Set((await provider.audit!(sinceMs, never)).map((event) => event.id));
      await fixture.changeElsewhere('enable_rollout');
      const eventsAfter = async () => {
        const events = await provider.audit!(sinceMs, never);
        const times = events.map((event) => event.atMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
        return events.filter((event) => !before.has(event.id));
      };
      await until(async () => (await eventsAfter()).length > 0);
      const [event, ...others] = await eventsAfter();
      for (const { key } of others) expect(key).toBe('enable_rollout');
      expect(event).toMatchObject({ key: 'enable_rollout' });
      expect([ENVIRONMENT, null]).toContain(event?.environment);
      expect(event?.by).toEqual(expect.stringMatching(/\S/));
      expect(event?.summary).toMatch(/^\S[^\n]*$/);
      expect(event?.atMs).toBeGreaterThan(sinceMs);
      expect(event?.atMs).toBeLessThan(Date.now() + 5000);
      expect(await provider.audit!(Date.now() + 60_000, never)).toEqual([]);
    }));

  it('tells of changes made elsewhere, when it says that it watches', () =>
    using(async (fixture) => {
      const seen: string[] = [];
      const watch = fixture.provider.watch((environment) => seen.push(environment));
      if (fixture.provider.capabilities.watch) {
        await fixture.changeElsewhere('enable_plain');
        await until(() => seen.includes(ENVIRONMENT));
      }
      watch.dispose();
      expect(seen.every((environment) => environment === ENVIRONMENT)).toBe(true);
    }));
}
