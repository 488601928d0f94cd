import { rootCertificates } from 'node:tls';
import { type buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { proxyFor } from './proxy.ts';
import { basic } from './request.ts';
import type { HttpClientOptions } from './types.ts';

/** Connections to one service; kept open between requests. */
export const CONNECTIONS = 8;

export interface Way {
  readonly dispatcher: Dispatcher;
  /** The proxy on the way, without user and password; null when there is none. */
  readonly via: string | null;
}

/** Opens the way to the base address, through a proxy where there is one. Nothing is connected yet. */
export function openWay(options: HttpClientOptions): Way {
  const base = new URL(options.baseUrl);
  const proxy = proxyFor(base, options.proxy, options.env ?? {});
  const tls = { timeout: connectLimit(options.timeoutMs), ...tlsOf(options) };
  // One time limit over the whole exchange stands in for undici's separate ones.
  const limits = { connections: CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 };
  if (proxy === null) return { dispatcher: new Pool(base.origin, { ...limits, connect: tls }), via: null };

  const dispatcher = new ProxyAgent({
    ...limits,
    uri: proxy.origin,
    ...tokenOf(proxy),
    requestTls: tls,
    // The proxy's own certificate is a public one, or of the same private authority.
    proxyTls: { timeout: tls.timeout, ...(options.caPem ? { ca: [...rootCertificates, options.caPem] } : {}) },
    // Plain addresses are asked of the proxy whole: many proxies refuse a tunnel to port 80.
    proxyTunnel: base.protocol === 'https:',
    // A proxy that never answers a CONNECT must not keep its connection for ever.
    clientFactory: (origin, given) => new Pool(origin, { ...given, headersTimeout: options.timeoutMs }),
  });
  return { dispatcher, via: proxy.origin };
}

function tlsOf({ caPem, tls }: HttpClientOptions): buildConnector.BuildOptions {
  return {
    ...(caPem ? { ca: caPem } : {}),
    ...(tls?.cert ? { cert: tls.cert } : {}),
    ...(tls?.key ? { key: tls.key } : {}),
    ...(tls?.serverName ? { servername: tls.serverName } : {}),
    ...(tls?.unchecked ? { rejectUnauthorized: false } : {}),
  };
}

function tokenOf({ username, password }: URL): { token?: string } {
  if (username === '' && password === '') return {};
  return { token: basic(decodeURIComponent(username), decodeURIComponent(password)) };
}

/** Connecting alone may not use up the whole time: a read is tried again over another connection. */
function connectLimit(timeoutMs: number): number {
  return Math.min(timeoutMs, Math.max(1000, Math.ceil(timeoutMs / 3)));
}
