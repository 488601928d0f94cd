import { ScramError } from '../../../shared/model/error.ts';
import { createHttpClient, type HttpAuth, type HttpClient } from '../../platform/http/client.ts';
import type { ProviderContext } from '../flags/context.ts';
import { type Api, type ApiOptions, createApi } from './api.ts';
import { readCredential } from './credential.ts';

/** What the configuration says of how an HTTP service is reached; `httpFields` and `paceFields` of its schema. */
export interface HttpConnectionConfig {
  readonly id: string;
  readonly url: string;
  /** `env:NAME`. */
  readonly credential?: string | undefined;
  /** File with a private authority's certificate, PEM. */
  readonly ca?: string | undefined;
  readonly proxy?: string | undefined;
  /** Over one whole exchange, milliseconds. */
  readonly timeout: number;
}

export interface OpenApiOptions {
  /** The service, for errors: `Unleash`. The address is added to it. */
  readonly name: string;
  /** How its secret is sent; left out: `user:password` as Basic, anything else as a bearer token. */
  readonly auth?: (secret: string) => HttpAuth;
  /** The service cannot be asked without a credential. */
  readonly needsCredential?: boolean;
  readonly explain?: ApiOptions['explain'];
  readonly headers?: Readonly<Record<string, string>>;
  /** Largest answer that is read, bytes. */
  readonly maxBytes?: number;
}

export interface HttpConnection {
  readonly http: HttpClient;
  readonly auth: HttpAuth | undefined;
  readonly api: Api;
}

/** Room for some ten thousand flags with their rules in one answer. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Everything that an adapter needs to talk to its JSON service: `api.ask` for what is JSON, `http` for the rest.
 * `api.dispose()` ends both. Throws `credential` and `config-invalid` when the configuration cannot be used.
 */
export function openApi(
  config: HttpConnectionConfig,
  context: Pick<ProviderContext, 'secret' | 'readText' | 'env'>,
  options: OpenApiOptions,
): HttpConnection {
  const name = `${options.name} at ${plainAddress(config.url)}`;
  if (config.credential === undefined && options.needsCredential) {
    throw new ScramError('credential', `connection ${config.id}: ${options.name} answers nobody without a credential`, {
      action: `Give connection ${config.id} a credential in scram.yaml, such as env:NAME.`,
    });
  }
  const auth = authOf(config, context, options);
  const http = createHttpClient({
    baseUrl: config.url,
    auth,
    headers: options.headers,
    caPem: config.ca === undefined ? undefined : context.readText(config.ca),
    timeoutMs: config.timeout,
    maxBytes: options.maxBytes ?? MAX_BYTES,
    proxy: config.proxy,
    env: context.env,
  });
  return { http, auth, api: createApi({ http, name, auth, ...(options.explain ? { explain: options.explain } : {}) }) };
}

function authOf(
  config: HttpConnectionConfig,
  context: Pick<ProviderContext, 'secret'>,
  options: OpenApiOptions,
): HttpAuth | undefined {
  if (config.credential === undefined) return undefined;
  const secret = context.secret(config.credential);
  const auth = readCredential(secret);
  return auth === undefined || options.auth === undefined ? auth : options.auth(secret.trim());
}

/** The address as errors may show it: no user, no password, no query. */
function plainAddress(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}
