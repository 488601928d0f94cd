import { ScramError } from '../../../shared/model/error.ts';
import type { Way } from './dispatcher.ts';
import { begin, failureOf, finish } from './exchange.ts';
import type { WireRequest } from './request.ts';
import type { HttpStream, StreamRequest } from './types.ts';

export interface StreamLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Opens an answer without an end; see `HttpClient.stream`. */
export async function openStream(
  way: Way,
  asked: WireRequest,
  { signal, silenceMs }: Pick<StreamRequest, 'signal' | 'silenceMs'>,
  { timeoutMs, maxBytes }: StreamLimits,
): Promise<HttpStream> {
  const late = new AbortController();
  const limits = { time: late.signal, timeoutMs, signal };
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const answer = await begin(way, asked, limits, silenceMs);
    if (answer.statusCode < 200 || answer.statusCode >= 300) {
      return { ok: false, response: await finish(answer, asked, maxBytes) };
    }
    const lines = splitLines(answer.body as AsyncIterable<Buffer>, maxBytes, asked.where);
    const fail = (error: unknown) => failureOf(error, way, asked.where, limits);
    return { ok: true, where: asked.where, lines: guarded(lines, fail) };
  } catch (error) {
    throw failureOf(error, way, asked.where, limits);
  } finally {
    clearTimeout(timer);
  }
}

async function* guarded(lines: AsyncIterable<string>, fail: (error: unknown) => ScramError): AsyncIterable<string> {
  try {
    yield* lines;
  } catch (error) {
    throw fail(error);
  }
}

/** Lines that are not empty; the last one also without its line break. Throws `too-large` for a longer one. */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  where: string,
): AsyncIterable<string> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  const line = () => {
    const text = Buffer.concat(pieces).toString('utf8').trim();
    pieces = [];
    bytes = 0;
    return text;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); ; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end === -1 ? undefined : end);
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > maxBytes) throw new ScramError('too-large', `${where}: a line is longer than ${maxBytes} bytes`);
      if (end === -1) break;
      from = end + 1;
      const text = line();
      if (text !== '') yield text;
    }
  }
  const text = line();
  if (text !== '') yield text;
}
