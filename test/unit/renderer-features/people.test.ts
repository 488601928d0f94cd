import { beforeEach, describe, expect, it } from 'vitest';
import { withUnlock } from '../../../renderer/client/unlock-gate.ts';
import type { Client } from '../../../renderer/client/client.ts';
import { problemText } from '../../../renderer/features/people/problem.ts';
import { isDue, TOUCH_EVERY_MS } from '../../../renderer/features/people/use-touch.ts';
import { rememberedPerson } from '../../../renderer/features/people/last-person.ts';
import { mayClose, pushDialog } from '../../../renderer/kit/dialog-stack.ts';
import { useUnlock } from '../../../renderer/kit/unlock.ts';
import { formatText, type TextId, type TextParams } from '../../../renderer/messages/format.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { rightSchema, roleSchema } from '../../../shared/model/operator.ts';

const t = (id: TextId, params?: TextParams) => formatText('en', id, params);

/** A client that answers as often as it is told with an error, then with nothing. */
function clientThat(...errors: ScramError[]): Client & { readonly asked: string[] } {
  const asked: string[] = [];
  const client: Client = {
    call: async (op) => {
      asked.push(op);
      const error = errors.shift();
      if (error) throw error;
      return {} as never;
    },
    listen: () => () => undefined,
    reachability: () => ({ state: 'open', sinceMs: 0 }),
    onReachability: () => () => undefined,
    dispose: () => undefined,
  };
  return { ...client, asked };
}

const locked = () => new ScramError('locked', 'this console is locked');
const KILL = { action: 'kill', connection: 'c', flag: 'f', environment: 'production' } as const;

describe('what a locked console refuses', () => {
  it('D5: leads to Unlock, and goes on with exactly what was asked', async () => {
    const inner = clientThat(locked());
    let asked = 0;
    const client = withUnlock(inner, async () => {
      asked += 1;
      return true;
    });
    await client.call('changes.preview', KILL);
    expect(asked).toBe(1);
    expect(inner.asked).toEqual(['changes.preview', 'changes.preview']);
  });

  it('D5: is refused when it stays locked, and asked for no more than once', async () => {
    const stays = clientThat(locked());
    await expect(withUnlock(stays, async () => false).call('changes.preview', KILL)).rejects.toMatchObject({
      code: 'locked',
    });
    expect(stays.asked).toHaveLength(1);
    const again = clientThat(locked(), locked());
    let asked = 0;
    const client = withUnlock(again, async () => {
      asked += 1;
      return true;
    });
    await expect(client.call('changes.preview', KILL)).rejects.toMatchObject({ code: 'locked' });
    expect(asked).toBe(1);
  });

  it('D4: a wrong passphrase is never taken for a locked console', async () => {
    const inner = clientThat(locked(), locked(), locked());
    const client = withUnlock(inner, () => {
      throw new Error('Unlock was asked for');
    });
    const wrong = { operator: 'sam', passphrase: 'x' };
    await expect(client.call('people.unlock', wrong)).rejects.toMatchObject({ code: 'locked' });
    await expect(client.call('people.unlockByKeychain', { operator: 'sam' })).rejects.toMatchObject({ code: 'locked' });
    const beside = { ...wrong, request: 'a'.repeat(64), decision: 'approve', reason: '' } as const;
    await expect(client.call('approvals.decideBeside', beside)).rejects.toMatchObject({ code: 'locked' });
  });

  it('passes every other refusal on', async () => {
    const inner = clientThat(new ScramError('forbidden', 'takes the role responder'));
    const client = withUnlock(inner, async () => true);
    await expect(client.call('changes.preview', KILL)).rejects.toMatchObject({ code: 'forbidden' });
    expect(inner.asked).toHaveLength(1);
  });
});

describe('asking for Unlock', () => {
  beforeEach(() => useUnlock.getState().answer(false));

  it('D5: everybody who waits gets the one answer', async () => {
    const first = useUnlock.getState().ask();
    const second = useUnlock.getState().ask();
    expect(useUnlock.getState().asked).toBe(true);
    useUnlock.getState().answer(true);
    await expect(Promise.all([first, second])).resolves.toEqual([true, true]);
    expect(useUnlock.getState().asked).toBe(false);
  });

  it('H1: one press of Esc closes the topmost dialog alone', () => {
    const offKill = pushDialog('kill');
    const offUnlock = pushDialog('unlock');
    const press = new Event('keydown');
    expect(mayClose('kill', press)).toBe(false);
    expect(mayClose('unlock', press)).toBe(true);
    offUnlock();
    expect(mayClose('kill', press)).toBe(false);
    expect(mayClose('kill', new Event('keydown'))).toBe(true);
    offKill();
  });
});

describe('the session', () => {
  it('D5: the back end hears of a person at most once in half a minute', () => {
    expect(isDue(null, 0)).toBe(true);
    expect(isDue(0, TOUCH_EVERY_MS - 1)).toBe(false);
    expect(isDue(0, TOUCH_EVERY_MS)).toBe(true);
    expect(TOUCH_EVERY_MS).toBe(30_000);
  });

  it('H3: says what was wrong with a passphrase, and what to do', () => {
    expect(problemText(t, locked(), 'Sam')).toBe('That is not the passphrase of Sam.');
    const short = new ScramError('invalid-input', 'too short', { action: 'take several words' });
    expect(problemText(t, short, 'Sam')).toBe('too short. take several words');
    expect(t('people.tooMany', { seconds: 4 })).toContain('4 s');
  });

  it('offers the first person where nobody is remembered', () => {
    expect(rememberedPerson([{ operator: 'alex' }, { operator: 'sam' }])).toBe('alex');
    expect(rememberedPerson([])).toBeNull();
  });

  it('H2: every role and every right has words', () => {
    for (const language of ['en', 'de'] as const) {
      for (const role of roleSchema.options) expect(formatText(language, `people.role.${role}`)).not.toBe('');
      for (const right of rightSchema.exclude(['view']).options) {
        const text = formatText(language, `people.refusal.${right}`, { name: 'Sam', roles: 'viewer' });
        expect(text).toContain('Sam');
      }
    }
  });
});
