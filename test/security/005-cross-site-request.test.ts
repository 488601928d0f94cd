import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAnswer, startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
let cookie: string;
beforeAll(async () => {
  web = await startWeb();
  cookie = await web.cookie();
});
afterAll(() => web.close());

describe('005: requests that another site causes are refused', () => {
  it.each(['https://evil.example', 'http://127.0.0.1:1', 'null'])('POST from %s', async (origin) => {
    const answer = parseAnswer(
      await web.raw(
        `POST / HTTP/1.1\r\nhost: 127.0.0.1:${web.host.port}\r\norigin: ${origin}\r\ncookie: ${cookie}\r\n` +
          'content-type: text/plain\r\ncontent-length: 2\r\n\r\n{}',
      ),
    );
    expect(answer.status).toBe(403);
  });

  it.each(['cross-site', 'same-site'])('a script or image from a %s page', async (site) => {
    for (const [mode, dest] of [
      ['no-cors', 'script'],
      ['no-cors', 'image'],
      ['cors', 'empty'],
      ['navigate', 'iframe'],
    ] as const) {
      const headers = { cookie, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
      expect((await web.get('/assets/app-abc123.js', headers)).status).toBe(403);
    }
  });

  it('the page itself, and an address that was typed, are let in', async () => {
    expect((await web.get('/assets/app-abc123.js', { cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    const typed = { cookie, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await web.get('/now', typed)).status).toBe(200);
  });

  it('other sites may not embed or read anything', async () => {
    const { headers } = await web.get('/', { cookie });
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.has('access-control-allow-origin')).toBe(false);
  });
});
