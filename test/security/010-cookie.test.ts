import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
let other: WebFixture;
beforeAll(async () => {
  web = await startWeb();
  other = await startWeb();
});
afterAll(async () => {
  await web.close();
  await other.close();
});

describe('010: the cookie', () => {
  it('is for HTTP alone, for this site alone, for the time of the browser, and the answer leads away from the token', async () => {
    const answer = await web.get(`/now?token=${web.host.token}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/now');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const [, ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ');
    expect(attributes).toEqual(['Path=/', 'HttpOnly', 'SameSite=Strict']);
  });

  it('of one console does not open another', async () => {
    const [, value] = (await web.cookie()).split('=');
    const [name] = (await other.cookie()).split('=');
    expect((await other.get('/', { cookie: await web.cookie() })).status).toBe(401);
    expect((await other.get('/', { cookie: `${name}=${value}` })).status).toBe(401);
    expect((await other.get(`/?token=${web.host.token}`)).status).toBe(401);
  });
});
