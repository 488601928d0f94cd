import { setTimeout as sleep } from 'node:timers/promises';
import { ScramError } from '../../../shared/model/error.ts';
import { createBackgroundLane } from './background.ts';
import { admitsBackground, CLOSED, failed, gaveUp, setOut } from './breaker.ts';
import { CONNECTIONS, openWay } from './dispatcher.ts';
import { exchange } from './exchange.ts';
import { requestWriter, type WireRequest } from './request.ts';
import { isGatewayFailure, mayRepeat, pauseBeforeRepeat } from './retry.ts';
import { rateLimitPause } from './retry-after.ts';
import { openStream } from './stream.ts';
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './types.ts';

export type * from './types.ts';

/** So many connections stay free for what people ask for. */
const KEPT_FREE = 2;

/** A client of one service. Throws `config-invalid` when the proxy cannot be used. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { timeoutMs, maxBytes, now = Date.now, random = Math.random } = options;
  const write = requestWriter(options);
  const way = openWay(options);
  const lane = createBackgroundLane(CONNECTIONS - KEPT_FREE, now);
  const closing = new AbortController();
  let circuit = CLOSED;
  let lastFailure = '';

  async function tried(asked: HttpRequest, wire: WireRequest): Promise<HttpResponse> {
    const time = AbortSignal.timeout(timeoutMs);
    const endsAtMs = performance.now() + timeoutMs;
    const stop = AbortSignal.any([closing.signal, ...(asked.signal ? [asked.signal] : [])]);
    for (let repeats = 0; ; repeats += 1) {
      const outcome = await exchange(way, wire, { time, timeoutMs, maxBytes, signal: asked.signal }).catch(scramError);
      const pauseMs = mayRepeat(asked)
        ? pauseBeforeRepeat({
            repeats,
            outcome,
            leftMs: endsAtMs - performance.now(),
            nowMs: now(),
            random: random(),
          })
        : null;
      if (pauseMs !== null) {
        // Cut short by the caller or by closing: the next try then fails at once, in the right words.
        await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined);
        if (!closing.signal.aborted) continue;
      }
      if ('status' in outcome) return outcome;
      throw outcome;
    }
  }

  /** Sends it and learns from its outcome, for those that nobody waits for. */
  async function learning(asked: HttpRequest, wire: WireRequest): Promise<HttpResponse> {
    try {
      const response = await tried(asked, wire);
      const pauseMs = rateLimitPause(response.status, response.headers, response.dateMs ?? now());
      if (pauseMs !== null) lane.pause(pauseMs);
      if (isGatewayFailure(response.status)) note(`answered ${response.status}`);
      else circuit = CLOSED;
      return response;
    } catch (error) {
      const failure = scramError(error);
      if (failure.code === 'unreachable' || failure.code === 'timeout') note(failure.message);
      else if (failure.code === 'cancelled') circuit = asked.background ? gaveUp(circuit) : circuit;
      else circuit = CLOSED;
      throw failure;
    }
  }

  function note(what: string): void {
    lastFailure = what;
    circuit = failed(circuit, now());
  }

  function heldOff(where: string): ScramError {
    const leftMs = Math.max(0, (circuit.openUntilMs ?? 0) - now());
    const again = `it is asked again in ${Math.ceil(leftMs / 1000)} s`;
    const message = `${where} was not sent: the service failed ${circuit.failures} times in a row, ${again}. Last: ${lastFailure}`;
    return new ScramError('unreachable', message, { retryAfterMs: leftMs });
  }

  async function inBackground(asked: HttpRequest, wire: WireRequest): Promise<HttpResponse> {
    if (!admitsBackground(circuit, now())) throw heldOff(wire.where);
    const stop = AbortSignal.any([closing.signal, ...(asked.signal ? [asked.signal] : [])]);
    const leave = await lane.enter(wire.where, stop);
    try {
      if (!admitsBackground(circuit, now())) throw heldOff(wire.where);
      circuit = setOut(circuit);
      return await learning(asked, wire);
    } finally {
      leave();
    }
  }

  return {
    async request(asked) {
      const wire = write(asked);
      return asked.background ? inBackground(asked, wire) : learning(asked, wire);
    },
    stream: async (asked) => openStream(way, write(asked), asked, { timeoutMs, maxBytes }),
    close() {
      closing.abort();
      return way.dispatcher.destroy();
    },
  };
}

function scramError(error: unknown): ScramError {
  if (error instanceof ScramError) return error;
  throw error;
}
