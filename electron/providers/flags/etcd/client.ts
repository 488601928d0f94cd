import { z } from 'zod';
import { ScramError } from '../../../../shared/model/error.ts';
import { createHttpClient, type HttpClientOptions, type HttpResponse } from '../../../platform/http/client.ts';
import { type ApiAnswer, createApi, type Explained } from '../../shared/api.ts';
import { readCredential } from '../../shared/credential.ts';
import { authSchema } from './answers.ts';

export interface EtcdOptions extends Pick<HttpClientOptions, 'caPem' | 'proxy' | 'env' | 'timeoutMs'> {
  readonly url: string;
  /** `user:password`. */
  readonly credential?: string | undefined;
}

export interface EtcdRequest<T> {
  readonly path: string;
  readonly json: unknown;
  readonly schema: z.ZodType<T>;
  /** What is asked for or done, in words. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  /** Changes nothing: it may be repeated. */
  readonly isRead: boolean;
  /** Nobody waits for it. */
  readonly background?: boolean;
}

/** etcd's JSON gateway with its tokens: `/v3/auth/authenticate`, and once more when a token is no longer good. */
export interface EtcdClient {
  readonly name: string;
  ask<T>(request: EtcdRequest<T>): Promise<ApiAnswer<T>>;
  get<T>(path: string, schema: z.ZodType<T>, what: string, signal: AbortSignal): Promise<ApiAnswer<T>>;
  /** Lines of an answer that does not end. Throws when it breaks. */
  lines(request: { path: string; json: unknown; what: string; signal: AbortSignal }): AsyncIterable<string>;
  /** The token may not be good any more: the next request fetches a fresh one. */
  forget(): void;
  dispose(): void;
}

/** Far beyond a page of flags, and any flag file: etcd itself takes 1.5 MB for a value. */
const MAX_BYTES = 64 * 1024 * 1024;

const failureSchema = z.looseObject({
  error: z.string().optional(),
  message: z.string().optional(),
  code: z.number().optional(),
});

/** Tokens run out; signed ones (JWT) do when users or roles are changed, too. */
const STALE_TOKEN = /invalid auth token|revision of auth store is old/;
const NO_AUTH = /authentication is not enabled/;

/** Names etcd's failures by its words and gRPC code: the HTTP status of the gateway is misleading for several. */
export function explainEtcd(_: HttpResponse, body: unknown): Explained | null {
  const read = failureSchema.safeParse(body);
  const message = read.data?.message ?? read.data?.error;
  if (message === undefined) return null;
  if (/authentication failed/.test(message)) {
    return { message, code: 'credential', action: "Correct the connection's credential, user:password." };
  }
  if (/user name is empty/.test(message)) {
    return { message, code: 'credential', action: 'Give the connection a credential, user:password.' };
  }
  if (STALE_TOKEN.test(message) || read.data?.code === 16) return { message, code: 'credential' };
  if (/permission denied/.test(message)) {
    return {
      message,
      code: 'credential',
      action: 'Grant the role of this user the permission readwrite on these keys.',
    };
  }
  if (/database space exceeded/.test(message)) {
    return {
      message,
      code: 'provider',
      action: 'Compact and defragment etcd, then clear the alarm: etcdctl alarm disarm.',
    };
  }
  switch (read.data?.code) {
    case 4:
      return { message, code: 'timeout' };
    case 8:
      return { message, code: 'rate-limited' };
    case 9:
      return { message, code: 'provider' };
    case 14:
      return { message, code: /timed out/.test(message) ? 'timeout' : 'unreachable' };
    default:
      return { message };
  }
}

export function createEtcdClient({ url, credential, ...options }: EtcdOptions): EtcdClient {
  const given = readCredential(credential);
  const auth = given?.kind === 'basic' ? given : undefined;
  if (given !== undefined && auth === undefined) {
    throw new ScramError('credential', 'the credential of an etcd connection is not user:password', {
      action: 'Give user:password.',
    });
  }
  const name = `etcd at ${new URL(url).origin}`;
  const http = createHttpClient({ baseUrl: url, maxBytes: MAX_BYTES, ...options });
  const api = createApi({ http, name, auth, explain: explainEtcd });
  let token: Promise<string | null> | null = null;
  let disposed = false;

  async function authenticate(user: string, password: string): Promise<string | null> {
    try {
      const json = { name: user, password };
      const path = '/v3/auth/authenticate';
      return (
        await api.ask({ method: 'POST', path, json, schema: authSchema, what: 'logging in', idempotentRead: true })
      ).value.token;
    } catch (error) {
      if (error instanceof ScramError && NO_AUTH.test(error.message)) return null;
      throw error;
    }
  }

  /** Empty when no credential is configured, or the server asks for none. */
  async function headers(): Promise<Readonly<Record<string, string>>> {
    if (auth === undefined) return {};
    token ??= authenticate(auth.user, auth.password);
    try {
      const got = await token;
      return got === null ? {} : { authorization: got };
    } catch (error) {
      token = null;
      throw error;
    }
  }

  async function* lines(request: { path: string; json: unknown; what: string; signal: AbortSignal }) {
    yield* api.lines({ method: 'POST', ...request, headers: await headers() });
  }

  async function ask<T>({ isRead, ...asked }: EtcdRequest<T>): Promise<ApiAnswer<T>> {
    const request = { method: 'POST', ...asked, idempotentRead: isRead } as const;
    const used = await headers();
    try {
      return await api.ask({ ...request, headers: used });
    } catch (error) {
      // Refused before it was looked at: to send it once more repeats nothing, a write neither.
      if (auth === undefined || !(error instanceof ScramError) || !isUnauthenticated(error)) throw error;
      token = null;
      return api.ask({ ...request, headers: await headers() });
    }
  }

  return {
    name,
    ask,
    get: (path, schema, what, signal) => api.ask({ method: 'GET', path, schema, what, signal }),
    lines,
    forget() {
      token = null;
    },
    dispose() {
      // Several documents share one client.
      if (!disposed) api.dispose();
      disposed = true;
    },
  };
}

/** Authentication that was turned on later shows as an empty user name. */
function isUnauthenticated(error: ScramError): boolean {
  return error.code === 'credential' && (STALE_TOKEN.test(error.message) || /user name is empty/.test(error.message));
}
