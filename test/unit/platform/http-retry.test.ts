import { describe, expect, it } from 'vitest';
import { mayRepeat, pauseBeforeRepeat, type Tried } from '../../../electron/platform/http/retry.ts';
import type { HttpResponse } from '../../../electron/platform/http/types.ts';
import { ScramError } from '../../../shared/model/error.ts';

const answer = (status: number, headers: Record<string, string> = {}): HttpResponse => ({
  where: 'GET http://x',
  status,
  headers,
  text: '',
  dateMs: null,
  json: () => null,
});
const broken = (code: string) => new ScramError('unreachable', 'x', { cause: Object.assign(new Error('x'), { code }) });
const pauseOf = (tried: Partial<Tried>) =>
  pauseBeforeRepeat({ repeats: 0, outcome: answer(503), leftMs: 10_000, nowMs: 0, random: 0.5, ...tried });

describe('repetition of reads', () => {
  it('is for GET, HEAD and what is marked as a read; never for writes', () => {
    expect(mayRepeat({ method: 'GET', path: '/' })).toBe(true);
    expect(mayRepeat({ method: 'HEAD', path: '/' })).toBe(true);
    expect(mayRepeat({ method: 'POST', path: '/', idempotentRead: true })).toBe(true);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      expect(mayRepeat({ method, path: '/' }), method).toBe(false);
    }
  });

  it.each([502, 503, 504])('follows a %i', (status) => expect(pauseOf({ outcome: answer(status) })).not.toBeNull());
  it.each([200, 304, 400, 401, 403, 404, 409, 429, 500, 501])('does not follow a %i', (status) =>
    expect(pauseOf({ outcome: answer(status) })).toBeNull(),
  );
  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT'])(
    'follows %s',
    (code) => expect(pauseOf({ outcome: broken(code) })).not.toBeNull(),
  );
  it.each(['ENOTFOUND', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UND_ERR_DESTROYED', ''])('does not follow "%s"', (code) =>
    expect(pauseOf({ outcome: broken(code) })).toBeNull(),
  );

  it('comes twice at most, with full jitter over a growing span', () => {
    const pauses = [0, 1, 2].map((repeats) => [0, 0.999].map((random) => pauseOf({ repeats, random })));
    expect(pauses).toEqual([
      [0, 99.9],
      [0, 199.8],
      [null, null],
    ]);
  });

  it('waits as long as the service asks for, and not at all when the time is up before', () => {
    const asked = answer(503, { 'retry-after': '3' });
    expect(pauseOf({ outcome: asked })).toBe(3000);
    expect(pauseOf({ outcome: asked, leftMs: 3000 })).toBeNull();
    expect(pauseOf({ leftMs: 10 })).toBeNull();
  });
});
