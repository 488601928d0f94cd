import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions, type HttpStream } from '../../../electron/platform/http/client.ts';
import { type Answer, json, startFaultServer } from '../../support/fault-server.ts';
import { waitFor } from '../../support/processes.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(answer: Answer, options: Partial<HttpClientOptions> & { silenceMs?: number } = {}) {
  const { silenceMs, ...rest } = options;
  const server = await startFaultServer(answer);
  const client = createHttpClient({ baseUrl: server.url, timeoutMs: 300, maxBytes: 1000, ...rest });
  closers.push(server.stop, () => client.close());
  const controller = new AbortController();
  const stream = () =>
    client.stream({ method: 'POST', path: '/watch', json: { a: 1 }, signal: controller.signal, silenceMs });
  return { server, client, controller, stream };
}

async function read(stream: HttpStream, into: string[] = []): Promise<string[]> {
  if (!stream.ok) throw new Error('expected lines');
  for await (const line of stream.lines) into.push(line);
  return into;
}

describe('http client, streams', () => {
  it('gives lines as they come, far past the time limit of requests, until it is told to end', async () => {
    let ended = false;
    const { controller, stream } = await open((_, response) => {
      response.writeHead(200).flushHeaders();
      let sent = 0;
      const drip = setInterval(() => response.write(`{"n":${sent++}}\n`), 40);
      response.once('close', () => {
        clearInterval(drip);
        ended = true;
      });
    });
    const lines: string[] = [];
    const reading = read(await stream(), lines);
    const began = performance.now();
    await waitFor('twenty lines', () => lines.length >= 20);
    expect(performance.now() - began).toBeGreaterThan(700);
    controller.abort();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(lines.slice(0, 3)).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
    await waitFor('the connection is given back', () => ended);
  });

  it('gives back its connection when its reader stops', async () => {
    let open_ = 0;
    const { stream } = await open((_, response) => {
      open_ += 1;
      response.once('close', () => {
        open_ -= 1;
      });
      response.write('a\nb\n');
    });
    const answer = await stream();
    if (!answer.ok) throw new Error('expected lines');
    for await (const line of answer.lines) if (line === 'a') break;
    await waitFor('it is closed', () => open_ === 0);
  });

  it('tells of a service that does not begin, breaks off, falls silent, or sends a line without end', async () => {
    const silent = await open(() => undefined);
    await expect(silent.stream()).rejects.toMatchObject({ code: 'timeout' });

    const broken = await open((_, response, socket) => {
      response.write('a\n', () => setTimeout(() => socket.resetAndDestroy(), 30));
    });
    const lines: string[] = [];
    await expect(read(await broken.stream(), lines)).rejects.toMatchObject({ code: 'unreachable' });
    expect(lines).toEqual(['a']);

    const quiet = await open((_, response) => void response.write('a\n'), { silenceMs: 1000 });
    await expect(read(await quiet.stream())).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('nothing came for too long'),
    });

    const endless = await open((_, response) => void response.write('x'.repeat(5000)));
    await expect(read(await endless.stream())).rejects.toMatchObject({ code: 'too-large' });
  });

  it('ends without an error when the service ends it whole, its last line included', async () => {
    const { stream } = await open((_, response) => void response.end('a\n\nb'));
    expect(await read(await stream())).toEqual(['a', 'b']);
  });

  it('gives a refusal whole, follows no redirect, and repeats nothing', async () => {
    const refused = await open(json(503, { why: 'busy' }));
    const answer = await refused.stream();
    expect(answer.ok === false && [answer.response.status, answer.response.json()]).toEqual([503, { why: 'busy' }]);
    expect(refused.server.seen).toHaveLength(1);
    const moved = await open(json(302, {}, { location: 'http://elsewhere.test/' }));
    await expect(moved.stream()).rejects.toMatchObject({ code: 'provider' });
  });

  it('ends with the client', async () => {
    const { client, stream } = await open((_, response) => void response.write('a\n'));
    const reading = expect(read(await stream())).rejects.toMatchObject({ code: 'unreachable' });
    await client.close();
    await reading;
  });
});
