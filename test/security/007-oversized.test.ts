import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_REQUEST_BYTES } from '../../shared/contract/frames.ts';
import { exchange, parseAnswer, startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
let cookie: string;
beforeAll(async () => {
  web = await startWeb();
  cookie = await web.cookie();
});
afterAll(() => web.close());

async function open() {
  const socket = await web.socket({ origin: `http://127.0.0.1:${web.host.port}`, cookie });
  if (typeof socket === 'number') throw new Error(`refused: ${socket}`);
  return socket;
}

describe('007: what is too large is refused before it is read', () => {
  it('a body, by its length', async () => {
    const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1:${web.host.port}\r\ncookie: ${cookie}\r\ncontent-length: 1000000000\r\n\r\n`;
    expect(parseAnswer(await web.raw(head)).status).toBe(413);
  });

  it('a body in chunks, and a body on a GET', async () => {
    const host = `host: 127.0.0.1:${web.host.port}\r\ncookie: ${cookie}`;
    const chunked = `GET / HTTP/1.1\r\n${host}\r\ntransfer-encoding: chunked\r\n\r\nffffff\r\n${'x'.repeat(100_000)}`;
    expect(parseAnswer(await web.raw(chunked)).status).toBe(413);
  });

  it('headers', async () => {
    const answer = await web.raw(
      `GET / HTTP/1.1\r\nhost: 127.0.0.1:${web.host.port}\r\na: ${'x'.repeat(40_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/);
  });

  it('a frame gets a typed error, and the socket goes on', async () => {
    const socket = await open();
    const answer = await exchange(socket, `"${'x'.repeat(MAX_REQUEST_BYTES)}"`);
    expect(answer).toMatchObject({ type: 'error', error: { code: 'too-large' } });
    expect(await exchange(socket, { type: 'call', id: '1', op: 'ledger.verify', input: {} })).toMatchObject({
      type: 'result',
    });
    socket.terminate();
  });

  it('a frame far beyond the limit ends the socket', async () => {
    const socket = await open();
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.send('x'.repeat(MAX_REQUEST_BYTES * 5));
    expect(await closed).toBe(1009);
  });

  it('a binary frame gets a typed error', async () => {
    const socket = await open();
    const answered = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.send(Buffer.from('{"type":"cancel","id":"1"}'), { binary: true });
    expect(JSON.parse(await answered)).toMatchObject({ type: 'error', error: { code: 'invalid-frame' } });
    socket.terminate();
  });
});
