import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUnleashProvider } from '../../../electron/providers/flags/unleash/provider.ts';
import type { Api, ApiRequest } from '../../../electron/providers/shared/api.ts';
import type { FlagProvider, WriteRequest } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { contextOf } from '../../support/flag-context.ts';

const never = new AbortController().signal;
const KEYS = Array.from({ length: 130 }, (_, index) => `enable_${index}`);

/** Answers in the forms of Unleash's openapi.json; `before` is awaited before a request is done. */
class FakeUnleash implements Api {
  readonly name = 'Unleash at http://unleash.test';
  readonly on = new Map(KEYS.map((key) => [key, true]));
  readonly seen: string[] = [];
  before: (request: string, body: unknown) => Promise<void> | void = () => undefined;

  async ask<T>({ method, path, json, schema }: ApiRequest<T>) {
    const request = `${method} ${path}`;
    this.seen.push(request);
    await this.before(request, json);
    const value = this.#answer(request, json);
    return { value: (schema === null ? undefined : schema.parse(value)) as T, etag: null, response: {} as never };
  }

  askIfChanged<T>(request: ApiRequest<T>) {
    return this.ask(request);
  }

  // biome-ignore lint/correctness/useYield: no stream is asked for.
  async *lines(): AsyncIterable<string> {
    throw new Error('not asked for');
  }

  dispose(): void {}

  #answer(request: string, json: unknown): unknown {
    if (request === 'GET /api/admin/search/events') return { events: [], total: 0 };
    if (request === 'GET /api/admin/segments') return { segments: [] };
    const base = '/api/admin/projects/default';
    if (request === `GET ${base}/features`) return { features: [...this.on.keys()].map((key) => this.#row(key)) };
    const bulk = new RegExp(`^POST ${base}/bulk_features/environments/production/(on|off)$`).exec(request);
    if (bulk) {
      for (const key of (json as { features: string[] }).features) this.on.set(key, bulk[1] === 'on');
      return undefined;
    }
    const one = new RegExp(`^POST ${base}/features/(\\w+)/environments/production/(on|off)$`).exec(request);
    if (one?.[1]) {
      this.on.set(one[1], one[2] === 'on');
      return undefined;
    }
    const key = new RegExp(`^GET ${base}/features/(\\w+)$`).exec(request)?.[1];
    if (key) return this.#flag(key);
    if (request.endsWith('/tags')) return { tags: [] };
    throw new Error(`unknown request ${request}`);
  }

  #row(name: string) {
    const enabled = this.on.get(name) === true;
    return { name, environments: [{ name: 'production', enabled, hasStrategies: true, hasEnabledStrategies: true }] };
  }

  #flag(name: string) {
    const strategies = [{ id: `s-${name}`, name: 'default' }];
    return { name, environments: [{ name: 'production', enabled: this.on.get(name) === true, strategies }] };
  }
}

let unleash: FakeUnleash;
let provider: FlagProvider;

beforeEach(() => {
  unleash = new FakeUnleash();
  const { clock, hintsOf } = contextOf();
  const environments = { production: 'production' };
  const site = 'http://127.0.0.1:4242';
  const parts = {
    id: 'unleash',
    api: unleash,
    project: 'default',
    site,
    environments,
    mayExport: false,
    hintsOf,
    clock,
  };
  provider = createUnleashProvider(parts);
});
afterEach(() => provider.dispose());

async function kills(keys: readonly string[]): Promise<WriteRequest[]> {
  const flags = await provider.readFlags!(keys, 'production', never);
  return [...flags.values()].map((flag) => ({
    key: flag.key,
    environment: 'production',
    expectRevision: flag.state.revision,
    write: provider.planKill(flag).write,
    comment: 'c',
  }));
}

const rounds = async (count: number): Promise<void> => {
  for (let round = 0; round < count; round += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('Unleash: a write that nobody waits for any more', () => {
  it('D6: what became of it is not read before it is over, or a "failed" would be belied by it', async () => {
    const [request] = await kills(['enable_0']);
    const gate = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    unleash.before = (asked) => {
      if (!asked.startsWith('POST')) return;
      sent.resolve();
      return gate.promise;
    };
    const caller = new AbortController();
    const write = provider.apply(request!, caller.signal);
    await sent.promise;
    caller.abort();

    const impatient = new AbortController();
    const reads = [
      provider.readFlag('enable_0', 'production', never).then(({ state }) => state.killed),
      provider.readFlags!(['enable_0', 'enable_1'], 'production', never).then((f) => f.get('enable_0')?.state.killed),
    ];
    const given = provider.readFlag('enable_0', 'production', impatient.signal);
    impatient.abort(new ScramError('timeout', 'too long'));
    await expect(given).rejects.toMatchObject({ code: 'timeout' });
    let read = 0;
    for (const one of reads) void one.then(() => (read += 1));
    await rounds(20);
    expect(read).toBe(0);
    gate.resolve();
    expect(await Promise.all(reads)).toEqual([true, true]);
    await write;
  });

  it('B4: parts of a bulk write that have not begun are not begun', async () => {
    const requests = await kills(KEYS);
    const caller = new AbortController();
    const bulks: number[] = [];
    unleash.before = (asked, body) => {
      if (!asked.startsWith('POST')) return;
      bulks.push((body as { features: string[] }).features.length);
      caller.abort(new ScramError('timeout', 'too long'));
    };
    const answers = await provider.applyAll!(requests, caller.signal);
    expect(bulks).toEqual([125]);
    expect(answers.filter((answer) => answer === null)).toHaveLength(125);
    expect([...unleash.on.values()].filter((on) => on)).toHaveLength(5);
  });
});

describe('Unleash: a part of a bulk write that fails', () => {
  it('B4: leaves the answers of the other parts as they are, also when it cannot be read again', async () => {
    const requests = await kills(KEYS);
    let failed = false;
    unleash.before = (asked, body) => {
      if (asked.startsWith('POST') && (body as { features: string[] }).features.length === 125) {
        failed = true;
        throw new ScramError('not-found', 'one of them is gone');
      }
      if (failed && asked.startsWith('GET')) throw new ScramError('unreachable', 'nothing answers');
    };
    const answers = await provider.applyAll!(requests, never);
    expect(answers.slice(0, 125).every((one) => one instanceof ScramError && one.code === 'unreachable')).toBe(true);
    expect(answers.slice(125)).toEqual([null, null, null, null, null]);
  });
});
