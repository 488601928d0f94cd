import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAnswer, startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
let cookie: string;
beforeAll(async () => {
  web = await startWeb();
  cookie = await web.cookie();
});
afterAll(() => web.close());

const send = async (method: string, more = '') =>
  parseAnswer(
    await web.raw(
      `${method} / HTTP/1.1\r\nhost: 127.0.0.1:${web.host.port}\r\ncookie: ${cookie}\r\n${more}connection: close\r\n\r\n`,
    ),
  );

describe('009: GET and HEAD alone', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])('%s', async (method) => {
    const answer = await send(method);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expect(answer.body).not.toContain(cookie.split('=')[1]);
  });

  it('a header that names another method changes nothing', async () => {
    expect((await send('POST', 'x-http-method-override: GET\r\n')).status).toBe(405);
  });

  it('CONNECT and methods that HTTP does not know get no page', async () => {
    expect(await web.raw(`CONNECT evil.example:80 HTTP/1.1\r\nhost: 127.0.0.1:${web.host.port}\r\n\r\n`)).not.toContain(
      '200',
    );
    expect((await send('STEAL')).status).toBe(400);
  });

  it('HEAD gives the headers alone', async () => {
    const answer = await send('HEAD');
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('');
  });
});
