import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
let cookie: string;
beforeAll(async () => {
  web = await startWeb();
  cookie = await web.cookie();
});
afterAll(() => web.close());

describe('004: another site cannot open the socket, cookie or not', () => {
  it.each([
    ['another site', () => 'https://evil.example'],
    ['another port of this machine, which is the same site to a browser', () => 'http://127.0.0.1:1'],
    ['another name of this machine', () => `http://localhost:${web.host.port}`],
    ['https', () => `https://127.0.0.1:${web.host.port}`],
    ['an opaque origin', () => 'null'],
    ['a name that begins alike', () => `http://127.0.0.1:${web.host.port}.evil.example`],
  ])('%s', async (_name, origin) => {
    expect(await web.socket({ origin: origin(), cookie })).toBe(403);
  });

  it('no origin', async () => {
    expect(await web.socket({ cookie })).toBe(403);
  });

  it('the right origin and a browser that says cross-site', async () => {
    const origin = `http://127.0.0.1:${web.host.port}`;
    expect(await web.socket({ origin, cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await web.socket({ origin, cookie, 'sec-fetch-site': 'same-site' })).toBe(403);
  });

  it('another path', async () => {
    const answer = await web.raw(
      `GET /other HTTP/1.1\r\nhost: 127.0.0.1:${web.host.port}\r\norigin: http://127.0.0.1:${web.host.port}\r\n` +
        `cookie: ${cookie}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n` +
        'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404/);
  });
});
