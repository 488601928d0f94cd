import { ScramError } from '../../../../shared/model/error.ts';
import type { WriteRequest } from '../../../services/flags/provider.ts';
import type { Clock } from '../../../services/ports.ts';
import { writesOver } from '../shared/writes-over.ts';
import { BULK, type UnleashClient } from './client.ts';
import { type Definition, revisionOf } from './definition.ts';
import type { Mirror, Read } from './mirror.ts';
import type { Held } from './normalise.ts';
import { after, type Write, writeSchema } from './plan.ts';
import { enabledOf } from './serving.ts';
import { type Step, stepsTo } from './steps.ts';

export interface WriterOptions {
  readonly client: UnleashClient;
  readonly mirror: Mirror;
  readonly clock: Clock;
  /** The provider's name of one of our environments. */
  readonly nameOf: (environment: string) => string;
}

/** Flags of one transaction: 500 in one hold the server for a second, and fail together. */
const PART = 125;
const AT_ONCE = 2;

/**
 * A switch has no precondition: between the reading before it and itself there is always a gap, in which somebody else's
 * change is overwritten. What the caller read so short a time ago is not read again. Milliseconds.
 */
const JUST_READ_MS = 250;

/** Writes are sent to their end once they have begun: one that is cut off half-way would have an unknown outcome. */
export class Writer {
  readonly #client: UnleashClient;
  readonly #mirror: Mirror;
  readonly #clock: Clock;
  readonly #nameOf: (environment: string) => string;
  /** The last write under way of each flag. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor({ client, mirror, clock, nameOf }: WriterOptions) {
    this.#client = client;
    this.#mirror = mirror;
    this.#clock = clock;
    this.#nameOf = nameOf;
  }

  /** One after the other for each flag: of two writes to the same state the second finds it moved. */
  apply(request: WriteRequest, signal: AbortSignal): Promise<void> {
    return this.#inTurn([request.key], () => this.#apply(request, signal));
  }

  /** The switch that the write is, for a change request; throws `refused` where it is more, or nothing. */
  async switchOf(request: WriteRequest, signal: AbortSignal): Promise<{ environment: string; enabled: boolean }> {
    const { key } = request;
    const environment = this.#nameOf(request.environment);
    const write = readWrite(request);
    const present = (await this.#mirror.one(key, signal))?.environments.get(environment);
    if (present === undefined) throw gone(this.#client.name, key, environment);
    if (present.revision !== request.expectRevision) throw moved(this.#client.name, key, environment);
    const target = after(present.definition, write);
    if (switchOf(target, present.definition)?.length === 1) return { environment, enabled: target.enabled };
    throw new ScramError('refused', `what is to be written of ${key} is more than its switch`, {
      action: 'Put it into a change request in Unleash.',
    });
  }

  /** Resolves when no write to the flags is under way. */
  settled(keys: readonly string[], signal: AbortSignal): Promise<void> {
    return writesOver(
      keys.flatMap((key) => this.#turns.get(key) ?? []),
      signal,
    );
  }

  async #inTurn<T>(keys: readonly string[], run: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#turns.get(key) ?? []);
    const turn = Promise.all(before).then(run);
    const over = turn.then(
      () => undefined,
      () => undefined,
    );
    for (const key of keys) this.#turns.set(key, over);
    try {
      return await turn;
    } finally {
      for (const key of keys) if (this.#turns.get(key) === over) this.#turns.delete(key);
    }
  }

  async #apply(request: WriteRequest, signal: AbortSignal): Promise<void> {
    const { key } = request;
    const environment = this.#nameOf(request.environment);
    const write = readWrite(request);
    const known = this.#justRead(request, environment);
    const only = known && switchOf(after(known.definition, write), known.definition);
    if (known && only) {
      const target = after(known.definition, write);
      refuseSurprise(key, target, known.definition);
      signal.throwIfAborted();
      return this.#run(key, environment, only, target, signal);
    }
    const read = await this.#mirror.one(key, signal);
    const present = read?.environments.get(environment);
    if (read === null || present === undefined) throw gone(this.#client.name, key, environment);
    if (present.revision !== request.expectRevision) throw moved(this.#client.name, key, environment);
    const target = after(present.definition, write);
    refuseSurprise(key, target, present.definition);
    signal.throwIfAborted();
    await this.#run(key, environment, stepsOf(read, environment, target, present.definition), target, signal);
  }

  /** The flag as the caller read it a moment ago, where nothing has been heard of it since. */
  #justRead({ key, expectRevision, readAtMs }: WriteRequest, environment: string): Held | null {
    if (readAtMs === undefined || Math.abs(this.#clock.now() - readAtMs) > JUST_READ_MS) return null;
    const held = this.#mirror.held(key, environment);
    return held?.revision === expectRevision ? held : null;
  }

  async #run(
    key: string,
    environment: string,
    steps: readonly Step[],
    target: Definition,
    signal: AbortSignal,
  ): Promise<void> {
    const added: string[] = [];
    let done = 0;
    try {
      for (const step of steps) {
        const id = await this.#client.step(step, { key, environment }, added);
        if (id !== null) added.push(id);
        done += 1;
      }
    } catch (error) {
      throw done === 0 ? error : partly(error, key, done, steps.length);
    } finally {
      this.#mirror.invalidate(key);
    }
    if (steps.length < 2) return;
    // Of several requests each was accepted by itself: together they must have made what was promised.
    const read = (await this.#mirror.one(key, signal))?.environments.get(environment);
    if (read?.revision === revisionOf(target)) return;
    throw new ScramError(
      'provider',
      `${this.#client.name}: ${key} in ${environment} is not what was written, someone changes it as well`,
      {
        action: 'Look at its present state and decide again.',
      },
    );
  }

  /** Switches go by the bulk request, all others one by one. One answer each, in order. */
  applyAll(requests: readonly WriteRequest[], signal: AbortSignal): Promise<readonly (Error | null)[]> {
    if (requests.length > BULK) {
      const words = `${requests.length} flags are more than the ${BULK} that one bulk write may change; nothing was written`;
      return Promise.reject(new ScramError('refused', words));
    }
    const keys = [...new Set(requests.map(({ key }) => key))];
    return this.#inTurn(keys, () => this.#applyAll(requests, signal));
  }

  async #applyAll(requests: readonly WriteRequest[], signal: AbortSignal): Promise<readonly (Error | null)[]> {
    const results: (Error | null)[] = requests.map(() => null);
    const switches = new Map<string, { at: number; key: string }[]>();
    const others: number[] = [];
    const places = new Map<string, number[]>();
    requests.forEach((request, at) => {
      const environment = this.#nameOf(request.environment);
      places.set(environment, [...(places.get(environment) ?? []), at]);
    });
    for (const [environment, own] of places) {
      const read = await this.#present(
        own.flatMap((at) => requests[at] ?? []),
        environment,
        signal,
      );
      for (const at of own) {
        const request = requests[at];
        if (request === undefined) continue;
        try {
          const { key } = request;
          const write = readWrite(request);
          const present = read.get(key);
          if (present === undefined) throw gone(this.#client.name, key, environment);
          if (present.revision !== request.expectRevision) throw moved(this.#client.name, key, environment);
          const target = after(present.definition, write);
          refuseSurprise(key, target, present.definition);
          const only = switchOf(target, present.definition);
          if (only === null) others.push(at);
          else if (only.length > 0) {
            const to = `${target.enabled ? 'on' : 'off'}\n${environment}`;
            switches.set(to, [...(switches.get(to) ?? []), { at, key }]);
          }
        } catch (error) {
          results[at] = asError(error);
        }
      }
    }
    signal.throwIfAborted();
    const parts = [...switches].flatMap(([to, all]) =>
      Array.from({ length: Math.ceil(all.length / PART) }, (_, index) => ({
        to,
        part: all.slice(index * PART, (index + 1) * PART),
      })),
    );
    const open = parts.values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const { to, part } of open) {
          const [way, environment = ''] = to.split('\n');
          const keys = part.map(({ key }) => key);
          // Once nobody waits for it any more, what has not begun is not begun.
          const failed = signal.aborted
            ? new Map(keys.map((key) => [key, asError(signal.reason)]))
            : await this.#switchPart(environment, keys, way === 'on', signal);
          for (const { at, key } of part) results[at] = failed.get(key) ?? null;
        }
      }),
    );
    for (const at of others) {
      const request = requests[at];
      if (request) results[at] = await this.#apply(request, signal).then(() => null, asError);
    }
    return results;
  }

  /** As they are now: what the caller has not just read is read. */
  async #present(
    requests: readonly WriteRequest[],
    environment: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Held>> {
    const known = new Map<string, Held>();
    for (const request of requests) {
      const held = this.#justRead(request, environment);
      if (held) known.set(request.key, held);
    }
    const unknown = requests.flatMap(({ key }) => (known.has(key) ? [] : [key]));
    if (unknown.length === 0) return known;
    return new Map([...known, ...(await this.#mirror.many(unknown, environment, signal))]);
  }

  /** One transaction. A name that is gone fails all: they are then tried once more without it. */
  async #switchPart(
    environment: string,
    keys: readonly string[],
    enabled: boolean,
    signal: AbortSignal,
    again = true,
  ): Promise<ReadonlyMap<string, Error>> {
    try {
      await this.#client.switchAll(environment, keys, enabled);
      for (const key of keys) this.#mirror.switched(key, environment, enabled);
      return new Map();
    } catch (error) {
      for (const key of keys) this.#mirror.invalidate(key);
      const failure = asError(error);
      const all = new Map(keys.map((key) => [key, failure]));
      if (!(again && error instanceof ScramError && error.code === 'not-found')) return all;
      const there = await this.#mirror.many(keys, environment, signal).catch(asError);
      // Thrown, it would stand for the other parts as well, which may have been written.
      if (there instanceof Error) return new Map(keys.map((key) => [key, there]));
      const left = keys.filter((key) => there.has(key));
      if (left.length === keys.length || left.length === 0) return all;
      const failed = new Map(await this.#switchPart(environment, left, enabled, signal, false));
      for (const key of keys) if (!there.has(key)) failed.set(key, gone(this.#client.name, key, environment));
      return failed;
    }
  }
}

function readWrite({ write, key }: WriteRequest): Write {
  const read = writeSchema.safeParse(write);
  if (read.success) return read.data;
  throw new ScramError('refused', `the write for ${key} is not one of an Unleash connection`);
}

/** The steps where nothing but the switch differs, maybe none; null where something else does. */
function switchOf(target: Definition, present: Definition): Step[] | null {
  const { enabled } = target;
  if (revisionOf({ ...target, enabled: present.enabled }) !== revisionOf(present)) return null;
  return enabled === present.enabled ? [] : [{ kind: 'switch', enabled }];
}

function stepsOf(read: Read, environment: string, target: Definition, present: Definition): Step[] {
  const answer = read.answer.environments.find(({ name }) => name === environment);
  return stepsTo(target, present, answer?.strategies ?? []);
}

/** What Unleash would make something else of: it adds a strategy for everyone, or switches off, when none counts. */
function refuseSurprise(key: string, target: Definition, present: Definition): void {
  if (!target.enabled || enabledOf(target).length > 0) return;
  if (present.enabled && revisionOf(target) === revisionOf(present)) return;
  throw new ScramError(
    'refused',
    `${key} would be on with no strategy that counts; Unleash would make something else of it`,
    {
      action: 'Set up its strategies in Unleash first.',
    },
  );
}

function gone(name: string, key: string, environment: string): ScramError {
  return new ScramError('not-found', `${name} has no flag ${key} in ${environment} any more; nothing was written`, {
    action: 'Look for it in Unleash: it may be archived, or in another project.',
  });
}

function moved(name: string, key: string, environment: string): ScramError {
  return new ScramError(
    'conflict',
    `${name}: ${key} in ${environment} has changed since it was read; nothing was written`,
    {
      action: 'Look at its present state and decide again.',
    },
  );
}

/** Codes such as `conflict` say that nothing was written, which is no longer true. */
function partly(error: unknown, key: string, done: number, of: number): ScramError {
  const cause = asError(error);
  const code = cause instanceof ScramError && ['unreachable', 'timeout'].includes(cause.code) ? cause.code : 'provider';
  return new ScramError(code, `${key}: ${done} of ${of} steps were written, then: ${cause.message}`, {
    action: 'Look at its present state in Unleash.',
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
