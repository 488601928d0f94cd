import { describe, expect, it } from 'vitest';
import { createTurns } from '../../../electron/providers/shared/in-turn.ts';

describe('turns', () => {
  it('B2: what shares a key runs one after the other, in order, past a failure; other keys go beside it', async () => {
    const inTurn = createTurns();
    const log: string[] = [];
    const step =
      (name: string, fails = false) =>
      async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const all = [inTurn('a', step('a1', true)), inTurn('a', step('a2')), inTurn('b', step('b1'))];
    expect((await Promise.allSettled(all)).map((result) => result.status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(log.filter((line) => line.startsWith('a'))).toEqual(['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends']);
    expect(log.indexOf('b1 begins')).toBeLessThan(log.indexOf('a1 ends'));
    expect(await inTurn('a', step('a3'))).toBe('a3');
  });
});
