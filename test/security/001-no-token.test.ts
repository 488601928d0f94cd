import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.close());

describe('001: without the token nothing is given away', () => {
  it.each(['/', '/now', '/flags/local/x', '/assets/app-abc123.js', '/index.html', '/none', '/rpc'])(
    '%s is 401',
    async (target) => {
      const answer = await web.get(target, { accept: 'text/html' });
      expect(answer.status).toBe(401);
      expect(answer.body).toContain('?token=');
      expect(answer.body).not.toContain('the page');
      expect(answer.headers.get('set-cookie')).toBeUndefined();
      expect(answer.headers.get('cache-control')).toBe('no-store');
    },
  );

  it('the page is there with the cookie (so that the refusals above mean something)', async () => {
    const answer = await web.get('/now', { cookie: await web.cookie() });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('the page');
  });

  it('the socket is refused without the cookie, and opens with it', async () => {
    const origin = `http://127.0.0.1:${web.host.port}`;
    expect(await web.socket({ origin })).toBe(401);
    const socket = await web.socket({ origin, cookie: await web.cookie() });
    expect(socket).not.toBeTypeOf('number');
    if (typeof socket !== 'number') socket.terminate();
  });
});
