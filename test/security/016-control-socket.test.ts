import { sessionWith } from '../support/people.ts';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_REQUEST_BYTES } from '../../shared/contract/frames.ts';
import { connectControl } from '../../electron/hosts/control/client.ts';
import { controlPath } from '../../electron/hosts/control/path.ts';
import { type ControlServer, serveControl } from '../../electron/hosts/control/server.ts';
import { createDispatcher, type Dispatcher } from '../../electron/rpc/dispatcher.ts';
import { handlers } from '../../electron/rpc/handlers/index.ts';
import { createFakeBackend, type FakeBackend, flagRow, HASH } from '../support/fake-backend.ts';

let directory: string;
let socketPath: string;
let backend: FakeBackend;
let dispatcher: Dispatcher;
let server: ControlServer;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'scram-control-'));
  socketPath = controlPath(directory, 'linux');
  backend = createFakeBackend();
  dispatcher = createDispatcher(backend, handlers, { shutdownMs: 100 });
  server = await serveControl(dispatcher, socketPath, () => sessionWith(['view', 'act', 'approve', 'administer']));
});
afterEach(async () => {
  await dispatcher.dispose();
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

function lines(text: string): Promise<string[]> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(socketPath, () => socket.end(text));
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer.split('\n').filter((line) => line !== '')));
  });
}

describe('016: the control socket', () => {
  it('is open to its owner alone, and gone when the console is', async () => {
    const { mode } = await stat(socketPath);
    expect(mode & 0o777).toBe(0o600);
    await server.close();
    await expect(stat(socketPath)).rejects.toThrow('ENOENT');
  });

  it('takes the place of a socket that a killed console left behind, and of no live one', async () => {
    await expect(
      serveControl(dispatcher, socketPath, () => sessionWith(['view', 'act', 'approve', 'administer'])),
    ).rejects.toMatchObject({ code: 'busy' });
    const stale = path.join(directory, 'stale.sock');
    const killed = createServer().listen(stale);
    await new Promise((resolve) => killed.once('listening', resolve));
    // Closing the handle without Node's clean-up leaves the file, as SIGKILL does.
    const { rename } = await import('node:fs/promises');
    await rename(stale, `${stale}.kept`);
    await new Promise((resolve) => killed.close(resolve));
    await rename(`${stale}.kept`, stale);
    const second = await serveControl(dispatcher, stale, () => sessionWith(['view', 'act', 'approve', 'administer']));
    const client = await connectControl(stale);
    expect(await client.call('ledger.verify', {})).toMatchObject({ verified: 'verified' });
    client.dispose();
    await second.close();
  });

  it('answers calls and streams of the typed client', async () => {
    const client = await connectControl(socketPath);
    expect(await client.call('changes.execute', { hash: HASH })).toMatchObject({ stage: 'accepted' });
    await expect(client.call('console.initialise', { directory: '/taken' })).rejects.toMatchObject({ code: 'refused' });
    const seen: string[] = [];
    const stream = client.listen(
      'flags.watch',
      { environment: 'production' },
      {
        snapshot: ({ rows }) => seen.push(`snapshot ${rows.length}`),
        delta: ({ upserts }) => seen.push(`delta ${upserts[0]?.key}`),
        error: ({ code }) => seen.push(code),
      },
    );
    await expect.poll(() => seen).toEqual(['snapshot 3']);
    backend.events.rows.emit({ upserts: [flagRow('flag-1')], removals: [] });
    backend.reload();
    await expect.poll(() => seen).toEqual(['snapshot 3', 'delta flag-1', 'snapshot 3']);
    stream.dispose();
    await expect.poll(() => backend.events.rows.listeners.size).toBe(0);
    client.dispose();
  });

  it('tells waiting calls and streams that the console has gone', async () => {
    const client = await connectControl(socketPath);
    const errors: string[] = [];
    client.listen(
      'now.watch',
      { environment: 'production' },
      {
        snapshot: () => errors.push('snapshot'),
        delta: () => undefined,
        error: ({ code }) => errors.push(code),
      },
    );
    await expect.poll(() => errors).toEqual(['snapshot']);
    await server.close();
    await expect.poll(() => errors).toEqual(['snapshot', 'unreachable']);
    await expect(client.call('ledger.verify', {})).rejects.toMatchObject({ code: 'unreachable' });
    await expect(connectControl(socketPath)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('gives a typed answer to each bad line, and ends at one without end', async () => {
    const answers = (await lines('x\n{}\n[]\n\n{"type":"call"}\n')).map((line) => JSON.parse(line));
    expect(answers).toHaveLength(4);
    for (const answer of answers) expect(answer).toMatchObject({ type: 'error', error: { code: 'invalid-frame' } });
    const endless = await lines('x'.repeat(MAX_REQUEST_BYTES * 5));
    expect(endless.map((line) => JSON.parse(line))).toMatchObject([{ error: { code: 'too-large' } }]);
  });

  it('refuses a path that no socket can have', async () => {
    await expect(
      serveControl(dispatcher, `/tmp/${'x'.repeat(200)}/control.sock`, () =>
        sessionWith(['view', 'act', 'approve', 'administer']),
      ),
    ).rejects.toMatchObject({
      code: 'refused',
      action: expect.stringContaining('shorter'),
    });
  });
});
