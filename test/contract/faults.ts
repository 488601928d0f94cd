import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../electron/services/flags/provider.ts';
import { ScramError } from '../../shared/model/error.ts';
import { makeCertificate } from '../support/certificate.ts';
import * as faults from '../support/fault-proxy.ts';
import { freePort } from '../support/processes.ts';
import type { FlagFixture, HttpEnd } from './flag-fixture.ts';

interface FaultCase {
  readonly name: string;
  readonly fault: faults.Fault;
  readonly read: RegExp;
  /** Left out: writes do not meet it. */
  readonly write?: RegExp;
  /** Writing requests that may be sent at most; 1 when left out. */
  readonly mostWrites?: number;
  readonly also?: (error: ScramError) => void;
}

const ENVIRONMENT = 'production';
const KEY = 'enable_rollout';
const RETRY_AFTER_S = 2;
/** Time limit of providers that wait for an answer that never comes. */
const SHORT_MS = 1500;
const never = new AbortController().signal;

const CASES: readonly FaultCase[] = [
  { name: 'no answer', fault: faults.silence, read: /^timeout$/, write: /^timeout$/ },
  { name: 'a body that trickles', fault: faults.trickle, read: /^timeout$/, write: /^timeout$/ },
  { name: 'a reset', fault: faults.reset, read: /^unreachable$/, write: /^unreachable$/ },
  { name: 'a reset within the answer', fault: faults.resetWithin, read: /^unreachable$/ },
  {
    name: '400',
    fault: faults.status(400),
    read: /^(provider|refused|invalid-input)$/,
    write: /^(provider|refused|invalid-input)$/,
  },
  { name: '401', fault: faults.status(401), read: /^credential$/, write: /^credential$/ },
  { name: '403', fault: faults.status(403), read: /^credential$/, write: /^credential$/ },
  { name: '404', fault: faults.status(404), read: /^(not-found|provider)$/, write: /^(not-found|conflict|provider)$/ },
  {
    name: '409',
    fault: faults.status(409),
    read: /^(conflict|provider)$/,
    write: /^(conflict|approval-required)$/,
    // Surely not written. Where the precondition covers more than this flag, its state is read again and tried anew.
    mostWrites: 5,
  },
  {
    name: '429 with Retry-After',
    fault: faults.status(429, { 'retry-after': String(RETRY_AFTER_S) }),
    read: /^rate-limited$/,
    write: /^rate-limited$/,
    also: (error) => expect(error).toMatchObject({ retryable: true, retryAfterMs: RETRY_AFTER_S * 1000 }),
  },
  {
    name: '500',
    fault: faults.status(500),
    read: /^(provider|unreachable)$/,
    write: /^(provider|unreachable)$/,
    also: (error) => expect(error.retryable).toBe(true),
  },
  {
    name: '503',
    fault: faults.status(503),
    read: /^(provider|unreachable)$/,
    write: /^(provider|unreachable)$/,
    also: (error) => expect(error.retryable).toBe(true),
  },
  {
    name: '200 with a login page',
    fault: faults.loginPage,
    read: /^provider$/,
    write: /^provider$/,
    also: (error) => expect(error.message).toContain('login page'),
  },
  { name: 'truncated JSON', fault: faults.truncated, read: /^provider$/ },
  {
    name: 'values of other types',
    fault: faults.wrongTypes,
    read: /^provider$/,
    // The field that does not fit, and what was expected of it: `features[3].name: … expected string`, or its pointer.
    also: (error) => expect(error.message).toMatch(/ (?!the answer: )[\w$.[\]-]+: .*\bexpected\b| \/[\w~-]+/),
  },
  { name: 'an empty object', fault: faults.emptyObject, read: /^provider$/ },
];

async function failure(run: () => Promise<unknown>): Promise<ScramError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ScramError) return error;
    throw error;
  }
  throw new Error('expected a ScramError');
}

function endOf(fixture: FlagFixture): HttpEnd {
  if (fixture.http === undefined) throw new Error('the fixture has no `http`');
  return fixture.http;
}

/** The same source as a client sees it at another origin. */
const at = (end: HttpEnd, origin: string) => `${origin}${new URL(end.url).pathname.replace(/\/+$/, '')}`;

const apply = (provider: FlagProvider, flag: ProviderFlag, plan: PlannedWrite) =>
  provider.apply(
    {
      key: flag.key,
      environment: ENVIRONMENT,
      expectRevision: flag.state.revision,
      write: plan.write,
      comment: 'a kill that meets a fault',
    },
    never,
  );

/**
 * What every provider over HTTP must make of a server and a network that fail: the real server of the fixture, behind a
 * proxy that misbehaves. Nothing is written twice, nothing is claimed that did not happen, no credential is told.
 */
export function describeHttpFaults(name: string, makeFixture: () => Promise<FlagFixture>): void {
  describe(`faults of ${name}`, () => {
    let fixture: FlagFixture;
    let end: HttpEnd;
    let proxy: faults.FaultProxy;
    const secrets = new Set<string>();

    beforeAll(async () => {
      fixture = await makeFixture();
      end = endOf(fixture);
      proxy = await faults.startFaultProxy(end.url, { isWrite: end.isWrite?.bind(end) });
    });
    afterAll(async () => {
      await proxy?.stop();
      fixture?.provider.dispose();
      await fixture?.dispose();
    });

    /** A new provider behind the proxy, which knows the credential by now. */
    async function behind(run: (provider: FlagProvider) => Promise<void>, timeoutMs = SHORT_MS): Promise<void> {
      proxy.fault = null;
      proxy.meets = 'all';
      const provider = end.connect({ url: proxy.url, timeoutMs });
      try {
        await provider.readFlag(KEY, ENVIRONMENT, never);
        for (const secret of proxy.secrets()) secrets.add(secret);
        expect(secrets.size > 0).toBe(end.anonymous !== true);
        await run(provider);
      } finally {
        proxy.fault = null;
        provider.dispose();
      }
    }

    function tellsNoSecret(told: unknown): void {
      const text = inspect(told, { depth: 8 });
      for (const secret of secrets) expect(text.includes(secret), 'a credential is told').toBe(false);
    }

    function checkError(error: ScramError, code: RegExp, host = proxy.host): void {
      expect(error.code, error.message).toMatch(code);
      expect(error.message).toContain(host);
      expect(error.message).not.toMatch(/https?:\/\/[^\s,:]*(\?|@)/);
      tellsNoSecret(error);
    }

    /** Reads of every kind, and a try of the connection, fail as they should; the same provider reads again afterwards. */
    async function readsFail(provider: FlagProvider, code: RegExp, host = proxy.host): Promise<readonly ScramError[]> {
      const [flag, environment, report] = await Promise.all([
        failure(() => provider.readFlag(KEY, ENVIRONMENT, never)),
        failure(() => provider.readEnvironment(ENVIRONMENT, never)),
        provider.probe(never),
      ]);
      for (const error of [flag, environment]) checkError(error, code, host);
      expect(report).toMatchObject({ ok: false, canRead: false });
      expect(report.detail).not.toBe('');
      tellsNoSecret(report);
      return [flag, environment];
    }

    async function failsAt(url: string, host: string, also: (error: ScramError) => void): Promise<void> {
      const provider = end.connect({ url, timeoutMs: SHORT_MS });
      try {
        for (const error of await readsFail(provider, /^unreachable$/, host)) also(error);
      } finally {
        provider.dispose();
      }
    }

    it('a refused connection', async () => {
      const host = `127.0.0.1:${await freePort()}`;
      await failsAt(at(end, `http://${host}`), host, (error) => expect(error.message).toMatch(/refused/));
    });

    it('a host that DNS does not know', async () => {
      const host = 'scram-test.invalid';
      await failsAt(at(end, `http://${host}`), host, (error) => expect(error.message).toMatch(/DNS/));
    });

    it('a self-signed certificate: refused, with the setting `ca` named, and accepted when that is set', async () => {
      const tls = makeCertificate();
      const secure = await faults.startFaultProxy(end.url, { tls });
      try {
        await failsAt(secure.url, secure.host, (error) => expect(error.action).toMatch(/\bca\b/));
        expect(secure.seen).toEqual([]);
        const trusting = end.connect({ url: secure.url, caPem: tls.cert });
        try {
          expect((await trusting.readFlag(KEY, ENVIRONMENT, never)).key).toBe(KEY);
        } finally {
          trusting.dispose();
        }
      } finally {
        await secure.stop();
      }
    });

    it.each(CASES)('reads that meet $name', ({ fault, read, also }) =>
      behind(async (provider) => {
        proxy.fault = fault;
        for (const error of await readsFail(provider, read)) also?.(error);
        proxy.fault = null;
        expect((await provider.readFlag(KEY, ENVIRONMENT, never)).key).toBe(KEY);
      }),
    );

    it.each(CASES.filter((each) => each.write !== undefined))(
      'a write that meets $name is not repeated blindly, and nothing is written',
      ({ fault, write, mostWrites = 1, also }) =>
        behind(async (provider) => {
          const flag = await provider.readFlag(KEY, ENVIRONMENT, never);
          const before = await fixture.snapshot();
          const sent = writesOf(proxy);
          proxy.meets = 'writes';
          proxy.fault = fault;
          const error = await failure(() => apply(provider, flag, provider.planKill(flag)));
          checkError(error, write ?? /never/);
          also?.(error);
          expect(writesOf(proxy) - sent).toBeGreaterThan(0);
          expect(writesOf(proxy) - sent).toBeLessThanOrEqual(mostWrites);
          expect(await fixture.snapshot()).toBe(before);
          proxy.fault = null;
          expect((await provider.readFlag(KEY, ENVIRONMENT, never)).state).toEqual(flag.state);
        }),
    );

    it('E2: a redirect to another host is not followed: it gets no request and no credentials', async () => {
      const asked: unknown[] = [];
      const other = createServer((request, response) => {
        asked.push([request.method, request.url, request.headers]);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      try {
        await behind(async (provider) => {
          const flag = await provider.readFlag(KEY, ENVIRONMENT, never);
          proxy.fault = faults.redirectTo(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
          for (const error of await readsFail(provider, /^provider$/)) expect(error.message).toContain('redirect');
          proxy.meets = 'writes';
          checkError(await failure(() => apply(provider, flag, provider.planKill(flag))), /^provider$/);
        });
        expect(asked).toEqual([]);
      } finally {
        other.closeAllConnections();
        await new Promise((resolve) => other.close(resolve));
      }
    });

    async function withOwn(run: (own: FlagFixture, front: faults.FaultProxy, provider: FlagProvider) => Promise<void>) {
      const own = await makeFixture();
      const there = endOf(own);
      const front = await faults.startFaultProxy(there.url, { isWrite: there.isWrite?.bind(there) });
      const provider = there.connect({ url: front.url });
      try {
        await run(own, front, provider);
      } finally {
        provider.dispose();
        await front.stop();
        own.provider.dispose();
        await own.dispose();
      }
    }

    it('a flag that vanished: told as such, and nothing is written', () =>
      withOwn(async (own, front, provider) => {
        const flag = await provider.readFlag('enable_plain', ENVIRONMENT, never);
        const plan = provider.planKill(flag);
        await own.removeElsewhere('enable_plain');
        const error = await failure(() => provider.readFlag('enable_plain', ENVIRONMENT, never));
        expect(error.code).toBe('not-found');
        expect(error.message).toContain('enable_plain');
        expect((await failure(() => apply(provider, flag, plan))).code).toMatch(/^(not-found|conflict)$/);
        expect(writesOf(front)).toBe(0);
        const { flags } = await provider.readEnvironment(ENVIRONMENT, never);
        expect(flags.map(({ key }) => key)).not.toContain('enable_plain');
      }));

    it('D6: a write whose answer is lost: told as such, found by reading, not repeated', () =>
      withOwn(async (own, front, provider) => {
        const flag = await provider.readFlag(KEY, ENVIRONMENT, never);
        const plan = provider.planKill(flag);
        const writes = endOf(own).writesOfKill ?? 1;
        front.meets = 'writes';
        front.fault = (call) => (writesOf(front) < writes ? call.pass() : faults.lostAnswer(call));
        const error = await failure(() => apply(provider, flag, plan));
        expect(error.code).toMatch(/^(unreachable|timeout)$/);
        expect(writesOf(front)).toBe(writes);
        expect((await provider.readFlag(KEY, ENVIRONMENT, never)).state).toEqual(plan.after);
        // What was done stays a conflict for whoever tries the same once more.
        front.fault = null;
        expect((await failure(() => apply(provider, flag, plan))).code).toBe('conflict');
        expect(writesOf(front)).toBe(writes);
      }));
  });
}

function writesOf(proxy: faults.FaultProxy): number {
  return proxy.seen.filter((request) => request.write).length;
}
