import { z } from 'zod';
import { ScramError } from '../../../shared/model/error.ts';
import type { HttpAuth, HttpClient, HttpRequest, HttpResponse, StreamRequest } from '../../platform/http/client.ts';
import { isWebPage } from '../../platform/http/response.ts';
import { retryAfterMs } from '../../platform/http/retry-after.ts';
import { redactError, redactor } from './credential.ts';
import { mismatch } from './field-name.ts';

/** What a service says of its own failure, as far as its body tells. */
export interface Explained {
  readonly message: string;
  /** The permission that is missing, in the service's own word. */
  readonly permission?: string | null;
  /** Replaces the code that follows from the status. */
  readonly code?: ScramError['code'];
  readonly action?: string;
}

export interface ApiOptions {
  readonly http: HttpClient;
  /** What answers there, for errors: `Unleash at http://…`. */
  readonly name: string;
  readonly auth: HttpAuth | undefined;
  /** Reads the body of a refusal; null when it is not one of this service's. */
  readonly explain?: (response: HttpResponse, body: unknown) => Explained | null;
}

export interface ApiRequest<T> extends Omit<HttpRequest, 'form'> {
  /** What the answer must be; null when there is nothing to read in it. */
  readonly schema: z.ZodType<T> | null;
  /** What is asked for or done, in words: `flag enable_x`, `turning enable_x off`. */
  readonly what: string;
  /** Statuses beside 2xx that are an answer too and not a refusal; `schema` is not applied to them. */
  readonly accept?: readonly number[];
}

export interface ApiAnswer<T> {
  readonly value: T;
  readonly etag: string | null;
  readonly response: HttpResponse;
}

/** A JSON service: its answers by schema, its refusals as `ScramError`s with the credential taken out of every word. */
export interface Api {
  readonly name: string;
  /**
   * Throws `credential` (401, 403), `not-found` (404), `conflict` (409, 412), `rate-limited` (429), `provider` (any other
   * status, an answer that does not fit), and what `HttpClient` throws.
   */
  ask<T>(request: ApiRequest<T>): Promise<ApiAnswer<T>>;
  /** As `ask`, or null when the answer is still the one that `etag` names. */
  askIfChanged<T>(request: ApiRequest<T>, etag: string): Promise<ApiAnswer<T> | null>;
  /** The lines of an answer that goes on until its signal; see `HttpClient.stream`. Throws as `ask`. */
  lines(request: StreamRequest & { readonly what: string }): AsyncIterable<string>;
  dispose(): void;
}

/** As much of another system's words as a person reads in an incident. */
const MAX_WORDS = 500;

export function createApi({ http, name, auth, explain }: ApiOptions): Api {
  const redact = redactor(auth);

  async function exchange<T>(request: ApiRequest<T>, etag: string | null): Promise<ApiAnswer<T> | null> {
    const { schema, what, accept, ...asked } = request;
    // Without max-age=0 a client or a proxy may add no-cache, and Express then never answers 304.
    const conditional = etag === null ? {} : { 'if-none-match': etag, 'cache-control': 'max-age=0' };
    try {
      const response = await http.request({ ...asked, headers: { ...asked.headers, ...conditional } });
      if (response.status === 304 && etag !== null) return null;
      const good = response.status >= 200 && response.status < 300;
      if (!good && !accept?.includes(response.status)) throw refusal(response, what);
      return { value: readValue(response, good ? schema : null, what), etag: response.headers.etag ?? null, response };
    } catch (error) {
      throw error instanceof ScramError ? redactError(error, redact) : error;
    }
  }

  function readValue<T>(response: HttpResponse, schema: z.ZodType<T> | null, what: string): T {
    // A page in place of an answer, even of one that says nothing: the request never came to the service.
    if (isWebPage(response)) response.json();
    // Only callers that give no schema, or read an accepted status themselves, get undefined.
    if (schema === null) return undefined as T;
    const parsed = schema.safeParse(response.json());
    if (parsed.success) return parsed.data;
    throw new ScramError('provider', `${name}: the answer for ${what} does not fit: ${mismatch(parsed.error)}`, {
      action: 'Check that the address is this service, and its version.',
      cause: parsed.error,
    });
  }

  function refusal(response: HttpResponse, what: string): ScramError {
    const { status } = response;
    const told = explained(response);
    const words = told === null ? '' : `: ${cut(redact(told.message))}`;
    const where = `${name}, ${what}`;
    const own = told?.action === undefined ? {} : { action: told.action };
    const waitMs = retryAfterMs(response.headers, response.dateMs ?? Date.now());
    const again = waitMs === null ? {} : { retryAfterMs: waitMs };
    if (told?.code !== undefined) return new ScramError(told.code, `${where}${words}`, { ...own, ...again });
    switch (status) {
      case 401:
      case 403: {
        const missing = told?.permission ? `; the permission ${told.permission} is missing` : '';
        return new ScramError('credential', `${where}: the credential was not accepted (${status})${words}${missing}`, {
          action: told?.permission
            ? `Give the credential the permission ${told.permission}.`
            : "Check the connection's credential and its permissions.",
          ...own,
        });
      }
      case 404:
        // What is in front of a service, or another service, knows nothing of its flags: this one may well be there.
        if (isWebPage(response)) {
          return new ScramError('provider', `${where}: answered 404 with a web page; the address may be another's`, {
            action: "Check the connection's url, with its path.",
          });
        }
        return new ScramError('not-found', `${where}: not found (404)${words}`, own);
      case 409:
      case 412:
        return new ScramError('conflict', `${where}: changed at the same time (${status})${words}`, own);
      case 429: {
        const when = waitMs === null ? '' : `, to be tried again in ${Math.ceil(waitMs / 1000)} s`;
        return new ScramError('rate-limited', `${where}: too many requests (429)${when}${words}`, { ...own, ...again });
      }
      default: {
        const page = words === '' && isWebPage(response) ? '; it answered a web page' : '';
        return new ScramError('provider', `${where}: refused with HTTP ${status}${words}${page}`, {
          retryable: status >= 500,
          ...own,
          ...again,
        });
      }
    }
  }

  /** The service's own words: as its adapter reads them, else as most services say them. */
  function explained(response: HttpResponse): Explained | null {
    const body = bodyOf(response);
    const told = explain?.(response, body) ?? null;
    if (told !== null) return told;
    const message = plainWords(response, body);
    return message === null ? null : { message };
  }

  return {
    name,
    async ask(request) {
      const answer = await exchange(request, null);
      if (answer === null) throw new ScramError('provider', `${name}, ${request.what}: answered 304 unasked`);
      return answer;
    },
    askIfChanged: exchange,
    async *lines({ what, ...request }) {
      try {
        const stream = await http.stream(request);
        if (!stream.ok) throw refusal(stream.response, what);
        yield* stream.lines;
      } catch (error) {
        throw error instanceof ScramError ? redactError(error, redact) : error;
      }
    },
    dispose() {
      void http.close();
    },
  };
}

/** Undefined for what is not JSON: the status then says more than the body. */
function bodyOf(response: HttpResponse): unknown {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}

const wordsSchema = z.looseObject({
  message: z.string().optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
  detail: z.string().optional(),
});

/** One line of what a refusal says of itself; null when it says nothing that a person could read. */
function plainWords(response: HttpResponse, body: unknown): string | null {
  const read = wordsSchema.safeParse(body);
  const { message, error_description, detail, error } = read.data ?? {};
  const text = message ?? error_description ?? detail ?? error ?? (isPlainText(response) ? response.text : '');
  const line = text.trim().split(/[\r\n]/)[0] ?? '';
  return line === '' ? null : line;
}

function isPlainText(response: HttpResponse): boolean {
  return /^text\/plain\b/i.test(response.headers['content-type'] ?? '') && !isWebPage(response);
}

function cut(words: string): string {
  return words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)}…` : words;
}
