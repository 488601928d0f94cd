import { type Dispatcher, Pool } from 'undici';
import { ScramError } from '../../../shared/model/error.ts';
import { redirectTarget, wireFailure } from './errors.ts';

export type HttpAuth =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** A header of the service's own, such as `Authorization: Api-Key …` or `X-Environment-Key`. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string };

export interface HttpClientOptions {
  /** http or https; a path in it is put before every request's path. */
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly auth?: HttpAuth | undefined;
  /** Certificate of a private authority, PEM. It then is the only one trusted. */
  readonly caPem?: string | undefined;
  /** Over the whole exchange, from connecting to the last byte, milliseconds. */
  readonly timeoutMs: number;
  /** Largest body that is read, bytes. */
  readonly maxBytes: number;
  /** Proxy that requests go through; it wins over those of `env`. */
  readonly proxy?: string | undefined;
  /** Variables of the caller, of which HTTPS_PROXY, HTTP_PROXY and NO_PROXY count. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** Body as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** Body as JSON; a `content-type` among the headers replaces `application/json`. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Nobody waits for it: it may be held back while the service fails or asks for patience. */
  readonly background?: boolean | undefined;
  /** Changes nothing, whatever its method: it may be repeated. GET needs no such mark. */
  readonly idempotentRead?: boolean | undefined;
}

export interface HttpResponse {
  /** Method and address, with no query and no credentials: for errors. */
  readonly where: string;
  /** Any status but redirects, which are thrown. */
  readonly status: number;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The server's clock from its Date header, epoch ms (whole seconds); null when it does not tell. */
  readonly dateMs: number | null;
  /** The body as JSON, to be read by a schema. Throws `provider` when it is none, such as a login page. */
  json(): unknown;
}

export interface HttpClient {
  /**
   * One exchange; nothing is retried and no redirect is followed. Throws `ScramError`: `unreachable` (refused, DNS,
   * TLS, reset), `timeout`, `too-large`, `provider` (redirect, not HTTP), `cancelled`.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Ends every exchange and connection. */
  close(): Promise<void>;
}

const CONNECTIONS = 8;

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  const pool = new Pool(base.origin, {
    connections: CONNECTIONS,
    connect: { timeout: options.timeoutMs, ...(options.caPem === undefined ? {} : { ca: options.caPem }) },
    // One time limit over the whole exchange stands in for undici's separate ones.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const standing = { accept: 'application/json', ...options.headers, ...authHeader(options.auth) };

  async function request(asked: HttpRequest): Promise<HttpResponse> {
    const path = `${prefix}${asked.path}`;
    const where = `${asked.method} ${base.origin}${path}`;
    const limit = AbortSignal.timeout(options.timeoutMs);
    const signal = asked.signal === undefined ? limit : AbortSignal.any([asked.signal, limit]);
    try {
      const answer = await pool.request({
        method: asked.method,
        path: `${path}${encode(asked.query, '?')}`,
        ...bodyOf(asked, standing),
        signal,
      });
      // A body that is given up on must not surface as an unhandled error of its stream.
      answer.body.on('error', () => undefined);
      try {
        refuseRedirect(answer, where, new URL(path, base.origin));
        const text = await readText(answer, options.maxBytes, where);
        return toResponse(answer, text, where);
      } catch (error) {
        answer.body.destroy();
        throw error;
      }
    } catch (error) {
      if (error instanceof ScramError) throw error;
      if (asked.signal?.aborted) throw new ScramError('cancelled', `${where} was cancelled`, { cause: error });
      if (limit.aborted) {
        throw new ScramError('timeout', `${where}: no complete answer within ${options.timeoutMs} ms`, {
          cause: error,
        });
      }
      throw wireFailure(where, error);
    }
  }

  return { request, close: () => pool.destroy() };
}

/** A redirect is never followed: it could carry the credentials to another host. */
function refuseRedirect(answer: Dispatcher.ResponseData, where: string, url: URL): void {
  const status = answer.statusCode;
  if (status >= 300 && status < 400 && status !== 304) {
    const target = redirectTarget(headerText(answer.headers.location), url);
    throw new ScramError('provider', `${where}: answered ${status}, a redirect to ${target}, which is not followed`, {
      action: "Give the address that it points to as the connection's url, if that is the service itself.",
    });
  }
}

async function readText(answer: Dispatcher.ResponseData, maxBytes: number, where: string): Promise<string> {
  const tooLarge = () =>
    new ScramError('too-large', `${where}: the answer is larger than ${maxBytes} bytes`, {
      action: 'Ask for less: a narrower query, a shorter range.',
    });
  if (Number(headerText(answer.headers['content-length']) ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function toResponse(answer: Dispatcher.ResponseData, text: string, where: string): HttpResponse {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) headers[name.toLowerCase()] = headerText(value) ?? '';
  const dateMs = Date.parse(headers.date ?? '');
  return {
    where,
    status: answer.statusCode,
    headers,
    text,
    dateMs: Number.isNaN(dateMs) ? null : dateMs,
    json: () => parseJson(text, headers['content-type'] ?? '', `${where} (${answer.statusCode})`),
  };
}

function parseJson(text: string, contentType: string, where: string): unknown {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/html' || type === 'application/xhtml+xml' || /^\s*<(!doctype|html)/i.test(text)) {
    throw new ScramError('provider', `${where}: answered a web page instead of JSON; it looks like a login page`, {
      action: 'Check the address, and whether a proxy asks for a login in front of it.',
    });
  }
  if (type !== '' && type !== 'text/plain' && !/[/+]json$/.test(type)) {
    throw new ScramError('provider', `${where}: answered ${type}, expected application/json`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = text.trim() === '' ? 'the answer is empty' : 'the answer is not whole JSON';
    throw new ScramError('provider', `${where}: ${what}`, { cause });
  }
}

function bodyOf(
  asked: HttpRequest,
  standing: Record<string, string>,
): { headers: Record<string, string>; body?: string } {
  const headers = { ...standing, ...asked.headers };
  if (asked.form !== undefined) {
    return {
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: encode(asked.form, ''),
    };
  }
  if (asked.json === undefined) return { headers };
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(asked.json) };
}

function encode(fields: HttpRequest['query'], before: '?' | ''): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields ?? {})) if (value !== undefined) params.append(name, String(value));
  return params.size === 0 ? '' : before + params.toString();
}

function authHeader(auth: HttpAuth | undefined): Record<string, string> {
  if (auth === undefined) return {};
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` };
  if (auth.kind === 'header') return { [auth.name.toLowerCase()]: auth.value };
  return { authorization: `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}` };
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
