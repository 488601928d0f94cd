import type { Dispatcher } from 'undici';
import { ScramError } from '../../../shared/model/error.ts';
import type { Way } from './dispatcher.ts';
import { wireFailure } from './errors.ts';
import type { WireRequest } from './request.ts';
import { readText, refuseRedirect, toResponse } from './response.ts';
import type { HttpResponse } from './types.ts';

export interface Limits {
  /** Aborts when the time is up. */
  readonly time: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** The caller's own. */
  readonly signal?: AbortSignal | undefined;
}

/** One try of one request. Throws `ScramError`s alone. */
export async function exchange(way: Way, asked: WireRequest, limits: Limits): Promise<HttpResponse> {
  try {
    const answer = await begin(way, asked, limits);
    return await finish(answer, asked, limits.maxBytes);
  } catch (error) {
    throw failureOf(error, way, asked.where, limits);
  }
}

/** Sends the request and waits for the head of its answer. Redirects are thrown. */
export async function begin(
  way: Way,
  { method, path, headers, body, where, url }: WireRequest,
  { time, signal }: Pick<Limits, 'time' | 'signal'>,
  silenceMs = 0,
): Promise<Dispatcher.ResponseData> {
  const answer = await way.dispatcher.request({
    origin: url.origin,
    method,
    path,
    headers,
    ...(body === undefined ? {} : { body }),
    bodyTimeout: silenceMs,
    signal: signal === undefined ? time : AbortSignal.any([signal, time]),
  });
  // A body that is given up on must not surface as an unhandled error of its stream.
  answer.body.on('error', () => undefined);
  try {
    refuseRedirect(answer, where, url);
    return answer;
  } catch (error) {
    answer.body.destroy();
    throw error;
  }
}

export async function finish(
  answer: Dispatcher.ResponseData,
  { where }: WireRequest,
  maxBytes: number,
): Promise<HttpResponse> {
  try {
    return toResponse(answer, await readText(answer, maxBytes, where), where);
  } catch (error) {
    answer.body.destroy();
    throw error;
  }
}

/** What went wrong, as an error of the product's own. */
export function failureOf(
  error: unknown,
  { via }: Way,
  where: string,
  { time, timeoutMs, signal }: Pick<Limits, 'time' | 'timeoutMs' | 'signal'>,
): ScramError {
  if (error instanceof ScramError) return error;
  if (signal?.aborted) return new ScramError('cancelled', `${where} was cancelled`, { cause: error });
  if (time.aborted) {
    const through = via === null ? '' : ` through the proxy ${via}`;
    const message = `${where}: no complete answer within ${timeoutMs} ms${through}`;
    return new ScramError('timeout', message, { cause: error });
  }
  return wireFailure(where, error, via);
}
