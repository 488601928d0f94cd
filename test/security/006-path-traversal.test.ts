import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTSIDE, startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
let cookie: string;
beforeAll(async () => {
  web = await startWeb();
  cookie = await web.cookie();
});
afterAll(() => web.close());

const CLIMBS = [
  '/../secret.json',
  '/assets/../../secret.json',
  '/%2e%2e/secret.json',
  '/%2e%2e%2fsecret.json',
  '/..%2fsecret.json',
  '/..%5csecret.json',
  '/..\\secret.json',
  '/%252e%252e/secret.json',
  '/assets/%2e%2e/%2e%2e/secret.json',
  '/flags/../../secret.json',
  '/flags/%2e%2e/%2e%2e/secret.json',
  '/flags/..%2f..%2fsecret.json',
  '/....//secret.json',
  '//etc/passwd',
  '/%2fetc/passwd',
  '/assets/%00',
  '/flags/%00',
  '/flags/%',
  '/assets/',
  '/assets',
  '/__proto__',
  '/constructor',
  '/file:///etc/passwd',
];

describe('006: no spelling of a path reaches a file that is not the page', () => {
  it.each(CLIMBS)('%s', async (target) => {
    const answer = await web.get(target, { cookie });
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain(OUTSIDE);
    expect(answer.body).not.toContain('root:');
  });

  it('a flag key with an encoded slash is a route all the same', async () => {
    expect((await web.get('/flags/local/team%2Fnew%20pricing', { cookie })).status).toBe(200);
  });

  it('the exchange of the token never leads to another site', async () => {
    for (const target of ['//evil.example/', '/\\evil.example/', 'http://evil.example/']) {
      const answer = await web.get(`${target}?token=${web.host.token}`);
      expect(answer.status).toBe(400);
      expect(answer.headers.has('location')).toBe(false);
    }
    const answer = await web.get(`/flags?q=a&token=${web.host.token}`);
    expect(answer.headers.get('location')).toBe('/flags?q=a');
  });
});
