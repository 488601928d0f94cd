import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAnswer, startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
let cookie: string;
beforeAll(async () => {
  web = await startWeb();
  cookie = await web.cookie();
});
afterAll(() => web.close());

describe('003: DNS rebinding: a name of somebody else that points here is refused', () => {
  it.each([
    ['another name', () => `evil.example:${web.host.port}`],
    ['no port', () => '127.0.0.1'],
    ['another port', () => '127.0.0.1:1'],
    ['a name that ends alike', () => `evil.localhost:${web.host.port}`],
    ['a name that begins alike', () => `127.0.0.1:${web.host.port}.evil.example`],
    ['a user in front', () => `a@127.0.0.1:${web.host.port}`],
  ])('%s', async (_name, host) => {
    expect((await web.get('/', { host: host(), cookie })).status).toBe(421);
    expect((await web.get(`/?token=${web.host.token}`, { host: host() })).status).toBe(421);
    const origin = `http://${host()}`;
    expect(await web.socket({ host: host(), origin, cookie })).toBe(421);
  });

  it('no Host at all, or an empty one', async () => {
    expect((await web.get('/', { host: '', cookie })).status).toBe(421);
    expect(parseAnswer(await web.raw('GET / HTTP/1.1\r\nconnection: close\r\n\r\n')).status).toBe(421);
    expect(parseAnswer(await web.raw('GET / HTTP/1.0\r\n\r\n')).status).toBe(421);
  });

  it('an absolute address in the request line does not stand in for it', async () => {
    const target = `http://127.0.0.1:${web.host.port}/`;
    expect((await web.get(target, { host: 'evil.example', cookie })).status).toBe(421);
    expect((await web.get(target, { cookie })).status).toBe(400);
  });

  it.each(['127.0.0.1', 'localhost', '[::1]'])('%s is let in', async (name) => {
    expect((await web.get('/', { host: `${name}:${web.host.port}`, cookie })).status).toBe(200);
  });
});
