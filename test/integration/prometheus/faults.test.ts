import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createPrometheusSource,
  type PrometheusOptions,
} from '../../../electron/providers/metrics/prometheus/index.ts';
import type { MetricSource } from '../../../electron/services/slis/source.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { type Answer, type FaultServer, json, matrix, startFaultServer, success } from '../../support/fault-server.ts';
import { freePort } from '../../support/processes.ts';

const T0 = 1_795_189_200_000;
const signal = new AbortController().signal;
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function serve(answer: Answer, tls?: { key: string; cert: string }): Promise<FaultServer> {
  const server = await startFaultServer(answer, tls);
  endings.push(() => server.stop());
  return server;
}

function source(url: string, options: Partial<PrometheusOptions> = {}): MetricSource {
  const made = createPrometheusSource({ url, timeoutMs: 2000, ...options });
  endings.push(() => made.dispose());
  return made;
}

const ask = (from: MetricSource) => from.range('up', T0, T0 + 2000, 1000, signal);

async function failure(promise: Promise<unknown>): Promise<ScramError> {
  const error = await promise.then(
    () => new Error('it answered'),
    (cause: unknown) => cause,
  );
  if (!(error instanceof ScramError)) throw error;
  return error;
}

async function certificates(): Promise<{ folder: string; key: string; cert: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'scram-tls-'));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', [...make, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  return { folder, key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
}

describe('a Prometheus that cannot be reached', () => {
  it('refused: unreachable, and names the address', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const error = await failure(ask(source(url)));
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(error.message).toContain(url);
  });

  it('no answer at all: timeout within its limit', async () => {
    const server = await serve(() => {});
    const started = performance.now();
    expect((await failure(ask(source(server.url, { timeoutMs: 300 })))).code).toBe('timeout');
    expect(performance.now() - started).toBeLessThan(1500);
  });

  it('a body that trickles: the limit is over the whole exchange', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drip));
    });
    expect((await failure(ask(source(server.url, { timeoutMs: 400 })))).code).toBe('timeout');
  });

  it('a connection that is reset in the body: unreachable, no half answer', async () => {
    const server = await serve((_, response, socket) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"status":"success","data":', () => socket.resetAndDestroy());
    });
    expect((await failure(ask(source(server.url)))).code).toBe('unreachable');
  });

  it('TLS of an unknown authority is refused, and accepted with its certificate', async () => {
    const tls = await certificates();
    const server = await serve(json(200, matrix([[T0 / 1000, '1']])), tls);
    expect((await failure(ask(source(server.url)))).code).toBe('unreachable');
    expect(server.seen).toHaveLength(0);
    const answer = await ask(source(server.url, { caPem: tls.cert }));
    expect(answer.series[0]?.samples).toEqual([{ atMs: T0, value: 1 }]);
  });
});

describe('a Prometheus that answers something else', () => {
  const cases: [string, Answer, Partial<ScramError>, RegExp][] = [
    [
      '503 with its own words for a timeout',
      json(503, { status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' }),
      { code: 'timeout', retryable: true },
      /query timed out in expression evaluation/,
    ],
    [
      'a time-out in other words',
      json(503, { status: 'error', errorType: 'timeout', error: 'the query took too long' }),
      { code: 'timeout', retryable: true },
      /the query took too long/,
    ],
    [
      'a store that is starting',
      json(503, { status: 'error', errorType: 'unavailable', error: 'not ready' }),
      { code: 'provider', retryable: true },
      /cannot answer now.*not ready/,
    ],
    [
      '503 of a proxy, in HTML',
      (_, response) => response.writeHead(503, { 'content-type': 'text/html' }).end('<html>Service Unavailable'),
      { code: 'provider', retryable: true },
      /HTTP 503/,
    ],
    [
      'HTML instead of JSON',
      (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Sign in</body></html>'),
      { code: 'provider' },
      /web page/,
    ],
    [
      '200 with status: error',
      json(200, { status: 'error', errorType: 'bad_data', error: 'invalid parameter "query": 1:5: parse error: oh' }),
      { code: 'provider', retryable: false },
      /line 1, column 5 of the query.*1:5: parse error: oh/,
    ],
    [
      '422 many-to-many',
      json(422, { status: 'error', errorType: 'execution', error: 'found duplicate series' }),
      { code: 'provider', retryable: false },
      /could not evaluate.*found duplicate series/,
    ],
    [
      'VictoriaMetrics’ error, whose type is the status',
      json(422, { status: 'error', errorType: '422', error: 'unparsed data left: )' }),
      { code: 'provider', retryable: false },
      /unparsed data left/,
    ],
    ['404', (_, response) => response.writeHead(404).end('404 page not found'), { code: 'provider' }, /HTTP 404/],
    [
      'truncated JSON',
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"success","da'),
      { code: 'provider' },
      /not whole JSON/,
    ],
    [
      'a wrong schema, with the field named',
      json(
        200,
        success({
          resultType: 'matrix',
          result: [
            {
              metric: {},
              values: [
                [1, '2'],
                [3, 4],
              ],
            },
          ],
        }),
      ),
      { code: 'provider' },
      /data\.result\[0\]\.values\[1\]\[1\]/,
    ],
    [
      'a number that is none',
      json(200, matrix([[T0 / 1000, 'many']])),
      { code: 'provider' },
      /data\.result\[0\]\.values\[0\]\[1\]/,
    ],
    [
      'native histograms',
      json(200, success({ resultType: 'matrix', result: [{ metric: {}, histograms: [[1, {}]] }] })),
      { code: 'provider' },
      /native histograms/,
    ],
    ['a text result', json(200, success({ resultType: 'string', result: [1, 'x'] })), { code: 'provider' }, /a text/],
  ];
  for (const [name, answer, expected, words] of cases) {
    it(name, async () => {
      const error = await failure(ask(source((await serve(answer)).url)));
      expect(error).toMatchObject(expected);
      expect(error.message).toMatch(words);
    });
  }

  it('a 50 MB answer is cut off at the limit', async () => {
    let sent = 0;
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = ' '.repeat(1024 * 1024);
      const more = (): void => {
        while (sent < 50 && !response.destroyed) {
          sent += 1;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    expect((await failure(ask(source(server.url, { timeoutMs: 10_000, maxBytes: 2 * 1024 * 1024 })))).code).toBe(
      'too-large',
    );
    expect(sent).toBeLessThan(50);
  });

  it('NaN and infinities are counted and left out, warnings are shown', async () => {
    const body = matrix([
      [1, 'NaN'],
      [2, '+Inf'],
      [3, '-Inf'],
      [4, '0.5'],
      [5.25, '1.85e-01'],
    ]);
    const server = await serve(
      json(200, { ...body, warnings: ['a store is down'], infos: ['odd name'], isPartial: true }),
    );
    const answer = await ask(source(server.url));
    expect(answer.notNumbers).toBe(3);
    expect(answer.series[0]?.samples).toEqual([
      { atMs: 4000, value: 0.5 },
      { atMs: 5250, value: 0.185 },
    ]);
    expect(answer.warnings).toEqual([
      'The answer is partial: a storage node did not answer.',
      'a store is down',
      'odd name',
    ]);
  });

  it('VictoriaMetrics’ forms are read: a scalar as a vector, stream+json, fields of its own', async () => {
    const vector = success(
      { resultType: 'vector', result: [{ metric: {}, value: [T0 / 1000, '2'], group: 1 }] },
      { stats: { seriesFetched: '0' }, warnings: null },
    );
    const server = await serve(json(200, vector, { 'content-type': 'application/stream+json; charset=utf-8' }));
    const answer = await source(server.url).instant('1 + 1', T0, signal);
    expect(answer).toMatchObject({ series: [{ labels: {}, samples: [{ atMs: T0, value: 2 }] }], warnings: [] });
  });

  it('a clock an hour ahead is told, an agreeing one is zero', async () => {
    const ahead = () => new Date(Date.now() + 3_600_000).toUTCString();
    const server = await serve((_, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json', date: ahead() })
        .end(JSON.stringify(matrix([[T0 / 1000, '1']]))),
    );
    const from = source(server.url);
    expect(Math.abs(((await ask(from)).clockSkewMs ?? 0) - 3_600_000)).toBeLessThan(2000);
    server.answer = json(200, matrix([[T0 / 1000, '1']]));
    expect((await ask(from)).clockSkewMs).toBe(0);
    server.answer = json(200, matrix([[T0 / 1000, '1']]), { date: ahead(), age: '3600' });
    expect((await ask(from)).clockSkewMs).toBeNull();
  });
});

describe('the credential', () => {
  const TOKEN = 'tok-5up3r-s3cret';

  it('is sent as bearer, or as Basic when it is user:password', async () => {
    const server = await serve(json(200, matrix([])));
    await ask(source(server.url, { credential: TOKEN }));
    await ask(source(server.url, { credential: 'ops:pa:ss' }));
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${TOKEN}`,
      `Basic ${Buffer.from('ops:pa:ss').toString('base64')}`,
    ]);
  });

  for (const status of [401, 403]) {
    it(`${status} is a credential error`, async () => {
      const server = await serve(json(status, { message: `who is ${TOKEN}?` }));
      const error = await failure(ask(source(server.url, { credential: TOKEN })));
      expect(error).toMatchObject({ code: 'credential', retryable: false });
      expect(error.message + String(error.cause)).not.toContain(TOKEN);
    });
  }

  it('E2: is taken out of what the server says', async () => {
    const basic = Buffer.from('ops:pa55word').toString('base64');
    const answer = (words: string) => json(400, { status: 'error', errorType: 'bad_data', error: words });
    const server = await serve(answer(`bad token ${TOKEN}`));
    const bearer = await failure(ask(source(server.url, { credential: TOKEN })));
    expect(bearer.message).toContain('[redacted]');
    expect(bearer.message).not.toContain(TOKEN);
    server.answer = answer(`bad header ${basic} of ops:pa55word with pa55word`);
    const error = await failure(ask(source(server.url, { credential: 'ops:pa55word' })));
    expect(error.message).not.toMatch(/pa55word|b3BzOnBh/);
  });

  it('E2: does not follow a redirect to another host', async () => {
    const other = await serve(json(200, matrix([])));
    const server = await serve((_, response) =>
      response.writeHead(307, { location: `${other.url}/api/v1/query_range` }).end(),
    );
    const error = await failure(ask(source(server.url, { credential: TOKEN })));
    expect(error.code).toBe('provider');
    expect(other.seen).toHaveLength(0);
  });
});

describe('ranges', () => {
  it('are asked by POST form, on the exact grid, in seconds', async () => {
    const server = await serve(json(200, matrix([])));
    await source(`${server.url}/prom/`).range('up', T0 + 250, T0 + 60_250, 500, signal);
    const [seen] = server.seen;
    expect(seen).toMatchObject({ method: 'POST', path: '/prom/api/v1/query_range' });
    expect(Object.fromEntries(seen?.form ?? [])).toMatchObject({
      query: 'up',
      start: '1795189200.250',
      end: '1795189260.250',
      step: '0.500',
    });
  });

  it('of more than 11,000 steps are split, and absurd ones refused before they are sent', async () => {
    const server = await serve((request, response) => {
      const start = Number(request.form.get('start'));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(matrix([[start, '1']], { job: 'a' })));
    });
    const from = source(server.url);
    const answer = await from.range('up', T0, T0 + 25_000_000, 1000, signal);
    const asked = server.seen.map(({ form }) => (Number(form.get('end')) - Number(form.get('start'))) / 1);
    expect(asked).toEqual([11_000, 11_000, 2998]);
    expect(answer.series).toHaveLength(1);
    expect(answer.series[0]?.samples.map(({ atMs }) => atMs - T0)).toEqual([0, 11_001_000, 22_002_000]);
    expect((await failure(from.range('up', T0, T0 + 200_000_000, 1000, signal))).code).toBe('too-large');
    expect(server.seen).toHaveLength(3);
  });
});
