import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Answer, type FaultServer, json, matrix, startFaultServer } from '../support/fault-server.ts';
import { waitFor } from '../support/processes.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import { type RunningHost, runScram, startWebHost } from '../support/web-host.ts';

const PASSWORD = 'CANARY+pa55/w0rd=7f3a&x"y';
const CREDENTIALS: [string, string][] = [
  ['a bearer token', 'CANARY-t0ken-7f3a-9c1e-5d20'],
  ['user:password', `ops:${PASSWORD}`],
];

/** The secret as it may travel, and pieces of it, since half a secret is too much as well. */
function formsOf(credential: string): string[] {
  const secret = credential.slice(credential.indexOf(':') + 1);
  const whole = [credential, secret].flatMap((text) => [
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    Buffer.from(text).toString('base64'),
    Buffer.from(text).toString('base64url'),
    Buffer.from(text).toString('hex'),
  ]);
  const cut = Buffer.from(credential).toString('base64').slice(0, 16);
  return [...whole, secret.slice(0, 9), secret.slice(-9), cut];
}

/** What a hostile or careless source says back: each form of the credential, and once across the cut of long words. */
function wordsOf(authorization: string): string {
  const [, given = ''] = authorization.split(' ');
  const plain = authorization.startsWith('Basic') ? Buffer.from(given, 'base64').toString() : given;
  const secret = plain.slice(plain.indexOf(':') + 1);
  return `${authorization} ${plain} ${encodeURIComponent(secret)} ${'x'.repeat(40)} ${secret}`;
}

function fail(response: ServerResponse, status: number, type: string, body: string, headers = {}): void {
  response.writeHead(status, { 'content-type': type, ...headers }).end(body);
}

const points = (start: number): [number, string][] => [[start, '0.2']];
const SAYS: Record<string, (words: string) => Answer> = {
  'an error that quotes the header': (words) => json(400, { status: 'error', errorType: 'bad_data', error: words }),
  'an error whose cut falls into the secret': (words) => (request, response, socket) => {
    const secret = words.slice(words.lastIndexOf(' ') + 1);
    const body = { status: 'error', errorType: 'bad_data', error: `${'y'.repeat(500 - 12)}${secret}` };
    json(503, body)(request, response, socket);
  },
  'a refused credential': (words) => json(401, { message: words }, { 'x-echo': encodeURIComponent(words) }),
  'a redirect that carries it': (words) => (_, response) =>
    fail(response, 302, 'text/plain', words, {
      location: `/login/${encodeURIComponent(words)}?token=${encodeURIComponent(words)}`,
    }),
  'a login page': (words) => (_, response) => fail(response, 200, 'text/html', `<html>${words}</html>`),
  'another content type': (words) => (_, response) => fail(response, 200, `text/x-${words.split(' ')[1] ?? ''}`, words),
  'a broken answer': (words) => (_, response) => fail(response, 200, 'application/json', `{"status":"${words}`),
  'a text result': (words) => json(200, { status: 'success', data: { resultType: 'string', result: [1, words] } }),
  'a success with warnings that quote it': (words) => (request, response, socket) => {
    const start = Number(request.form.get('end') ?? Date.now() / 1000);
    json(200, { ...matrix(points(start)), warnings: [words], infos: [words] })(request, response, socket);
  },
};

const running: { folder?: TempFolder; host?: RunningHost; server?: FaultServer; socket?: WebSocket } = {};
afterEach(async () => {
  running.socket?.terminate();
  await running.host?.stop();
  await running.server?.stop();
  running.folder?.remove();
});

async function filesUnder(at: string): Promise<string[]> {
  const entries = await readdir(at, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

describe('017: a secret of a running console stands nowhere but in the request that it is for (E2)', () => {
  it.each(CREDENTIALS)('%s', async (_name, credential) => {
    const here = tempFolder('canary');
    running.folder = here;
    const server = await startFaultServer((_, response) => void response.writeHead(503).end());
    running.server = server;
    await writeFile(
      here.at('flags.json'),
      '{"flags":{"a":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}}}',
    );
    await writeFile(
      here.at('scram.yaml'),
      `version: 1
team: payments
environments: { production: {} }
connections:
  - { id: prom, kind: prometheus, url: ${server.url}, credential: env:PROM_TOKEN, refresh: 200ms }
  - id: local
    kind: flagd
    files: { production: ./flags.json }
    observers: [ { kind: metric, connection: prom, query: 'used{flag="$flag"}' } ]
services:
  - id: checkout
    flags: [ { connection: local, key: a } ]
    slis: [ { id: p99, name: p99, connection: prom, query: up, unit: s, objective: { below: 0.6 } } ]
`,
    );
    const data = here.at('data');
    const env = { PROM_TOKEN: credential };
    await mkdir(data);
    const host = await startWebHost({ dataDir: data, config: here.at('scram.yaml'), env });
    running.host = host;
    let stdout = '';
    host.child.stdout?.on('data', (part: Buffer) => {
      stdout += part.toString();
    });

    const { origin } = new URL(host.url);
    const entered = await fetch(host.url, { redirect: 'manual' });
    const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`, { headers: { cookie, origin } });
    running.socket = socket;
    const frames: string[] = [];
    socket.on('message', (message) => frames.push(String(message)));
    await once(socket, 'open');
    const listen = (op: string, input: object) => socket.send(JSON.stringify({ type: 'listen', id: op, op, input }));
    let calls = 0;
    const call = async (op: string, input: object): Promise<Record<string, unknown>> => {
      calls += 1;
      const id = `c${calls}`;
      socket.send(JSON.stringify({ type: 'call', id, op, input }));
      const frame = await waitFor(`${op} answers`, () => frames.find((text) => text.includes(`"id":"${id}"`)), {
        deadlineMs: 20_000,
      });
      return JSON.parse(frame) as Record<string, unknown>;
    };
    const environment = 'production';
    listen('console.watch', {});
    for (const op of ['flags.watch', 'slis.watch', 'now.watch', 'changes.recent']) listen(op, { environment });

    // Each failing source, shown to the page, before the working one.
    for (const [name, says] of Object.entries(SAYS)) {
      let asked = 0;
      server.answer = (request, response, connection) => {
        asked += 1;
        says(wordsOf(request.headers.authorization ?? ''))(request, response, connection);
      };
      const before = frames.length;
      await waitFor(
        `${name} is asked and told`,
        async () => {
          await call('console.retryConnection', { connection: 'prom' });
          return asked > 0 && frames.slice(before).some((text) => text.includes('"slis.watch"'));
        },
        { deadlineMs: 15_000 },
      );
    }
    const told = frames.join('\n');
    for (const shown of ['[redacted]', 'login page', 'redirect', 'credential was not accepted']) {
      expect(told, 'the faults did reach the page').toContain(shown);
    }

    // A kill, with an observer that fails, and one that works.
    const preview = await call('changes.preview', { action: 'kill', connection: 'local', flag: 'a', environment });
    const { hash } = preview.output as { hash: string };
    const change = (await call('changes.propose', { preview: hash, rationale: 'canary' })).output as { hash: string };
    server.answer = (request, response, connection) =>
      SAYS['an error that quotes the header']?.(wordsOf(request.headers.authorization ?? ''))(
        request,
        response,
        connection,
      );
    listen('changes.watch', { hash: change.hash });
    await call('changes.execute', { hash: change.hash });
    await waitFor('the observer fails before the page', () =>
      frames.some((text) => text.includes('"changes.watch"') && text.includes('metric:prom')),
    );
    server.answer = (request, response, connection) =>
      json(200, matrix(points(Number(request.form.get('end') ?? Date.now() / 1000))))(request, response, connection);
    await call('console.retryConnection', { connection: 'prom' });
    await call('console.configSchema', {});
    await call('ledger.show', { limit: 1000 });
    await call('ledger.verify', {});
    // A configuration in which somebody pasted the secret itself.
    const good = await readFile(here.at('scram.yaml'), 'utf8');
    await writeFile(here.at('scram.yaml'), good.replace('env:PROM_TOKEN', JSON.stringify(credential)));
    const checked = await runScram(['check', here.path, '--json'], { env });
    await waitFor('the problem shows', () => frames.some((text) => text.includes('"problems":[{')));
    await writeFile(here.at('scram.yaml'), good);

    const status = await runScram(['status', '--json', '--data-dir', data], { env });
    const exported = here.at('export.jsonl');
    const ledger = await runScram(['ledger', 'export', exported, '--data-dir', data], { env });
    expect([checked.code, status.code, ledger.code]).toEqual([7, 0, 0]);
    await host.stop();

    // The secret was in use all the while: this test can find it.
    const sent = server.seen.map(({ headers }) => headers.authorization ?? '');
    expect(sent.length).toBeGreaterThan(Object.keys(SAYS).length);
    expect(formsOf(credential).some((form) => sent.every((header) => header.includes(form)))).toBe(true);

    const places: [string, string][] = [
      ['page traffic', frames.join('\n')],
      ['stdout', stdout],
      ['stderr', host.log()],
      ['scram status', status.stdout + status.stderr],
      ['scram check', checked.stdout + checked.stderr],
      ['ledger export', ledger.stdout + ledger.stderr + (await readFile(exported, 'utf8'))],
    ];
    for (const file of await filesUnder(data)) places.push([path.basename(file), await readFile(file, 'latin1')]);
    expect(places.length).toBeGreaterThan(8);
    for (const [place, text] of places) {
      const lower = text.toLowerCase();
      const found = formsOf(credential).filter((form) => lower.includes(form.toLowerCase()));
      const around = found.map((form) =>
        text.slice(Math.max(0, lower.indexOf(form.toLowerCase()) - 200)).slice(0, 300),
      );
      expect({ place, found, around }).toEqual({ place, found: [], around: [] });
    }
  });
});
