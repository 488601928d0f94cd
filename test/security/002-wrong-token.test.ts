import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
beforeAll(async () => {
  web = await startWeb();
});
afterAll(() => web.close());

describe('002: a wrong token or cookie opens nothing', () => {
  it.each([
    ['empty', () => ''],
    ['short', () => 'a'],
    ['the first half', () => web.host.token.slice(0, 20)],
    ['one letter more', () => `${web.host.token}a`],
    ['one letter changed', () => (web.host.token.startsWith('A') ? 'B' : 'A') + web.host.token.slice(1)],
    ['other case', () => web.host.token.toUpperCase()],
    ['very long', () => 'a'.repeat(4000)],
  ])('token: %s', async (_name, token) => {
    const answer = await web.get(`/?token=${token()}`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeUndefined();
  });

  it('a wrong token is refused even beside a good cookie', async () => {
    expect((await web.get('/?token=wrong', { cookie: await web.cookie() })).status).toBe(401);
  });

  it("the token itself is no cookie, and another console's cookie name does not count", async () => {
    const [name = '', value = ''] = (await web.cookie()).split('=');
    expect(value).not.toBe(web.host.token);
    expect((await web.get('/', { cookie: `${name}=${web.host.token}` })).status).toBe(401);
    expect((await web.get('/', { cookie: `scram=${value}` })).status).toBe(401);
    expect((await web.get('/', { cookie: `a=b; ${name}=${value}; c=d` })).status).toBe(200);
  });

  it('has 256 bits', () => {
    expect(Buffer.from(web.host.token, 'base64url')).toHaveLength(32);
  });

  it('a ticket for the browser that is opened works once', async () => {
    const target = new URL(web.host.ticketUrl()).search;
    expect((await web.get(`/${target}`)).status).toBe(303);
    expect((await web.get(`/${target}`)).status).toBe(401);
  });
});
