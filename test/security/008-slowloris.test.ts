import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startWeb } from '../support/web-fixture.ts';

describe('008: connections that are held open without asking anything are ended', () => {
  it('one that sends a header line now and then', async () => {
    const web = await startWeb({ limits: { headersMs: 300, requestMs: 500 } });
    const startedAt = Date.now();
    const ended = new Promise<string>((resolve) => {
      const socket = connect(web.host.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n'));
      let answer = '';
      const drip = setInterval(() => socket.writable && socket.write('a: b\r\n'), 50);
      socket.on('data', (chunk) => {
        answer += String(chunk);
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(drip);
        resolve(answer);
      });
    });
    expect(await ended).toMatch(/^HTTP\/1\.1 40[08]/);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    await web.close();
  });

  it('more connections than the limit', async () => {
    const web = await startWeb({ limits: { connections: 4 } });
    const sockets = Array.from({ length: 8 }, () => connect(web.host.port, '127.0.0.1').on('error', () => undefined));
    const dropped = await Promise.race([
      Promise.all(sockets.slice(4).map((socket) => new Promise((resolve) => socket.once('close', resolve)))).then(
        () => true,
      ),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 5_000)),
    ]);
    expect(dropped).toBe(true);
    for (const socket of sockets) socket.destroy();
    await web.close();
  });

  it('a socket whose other end gives no sign of life', async () => {
    const web = await startWeb({ limits: { heartbeatMs: 100 } });
    const origin = `http://127.0.0.1:${web.host.port}`;
    const socket = await web.socket({ origin, cookie: await web.cookie() });
    if (typeof socket === 'number') throw new Error(`refused: ${socket}`);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    // The tunnel hangs: nothing is read any more, so that no ping is answered.
    socket.pause();
    await expect.poll(() => web.backend.subscriptions(), { timeout: 5_000 }).toBe(0);
    socket.resume();
    expect(await closed).toBe(1006);
    await web.close();
  });
});
