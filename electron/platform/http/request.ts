import type { HttpAuth, HttpClientOptions, HttpRequest } from './types.ts';

export interface WireRequest {
  readonly method: HttpRequest['method'];
  /** With the query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** Method and address, with no query and no credentials: for errors. */
  readonly where: string;
  readonly url: URL;
}

/** Writes requests as they go over the wire, with the base's path, the standing headers and the credential. */
export function requestWriter(options: Pick<HttpClientOptions, 'baseUrl' | 'headers' | 'auth'>) {
  const { origin, pathname } = new URL(options.baseUrl);
  const prefix = pathname.replace(/\/+$/, '');
  const standing = { accept: 'application/json', ...options.headers, ...authHeader(options.auth) };

  return (asked: HttpRequest): WireRequest => {
    const path = `${prefix}${asked.path}`;
    return {
      method: asked.method,
      path: `${path}${encode(asked.query, path.includes('?') ? '&' : '?')}`,
      ...bodyOf(asked, standing),
      where: `${asked.method} ${origin}${path.replace(/\?.*$/s, '')}`,
      url: new URL(path, origin),
    };
  };
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

function encode(fields: HttpRequest['query'], before: '?' | '&' | ''): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields ?? {})) if (value !== undefined) params.append(name, String(value));
  return params.size === 0 ? '' : before + params.toString();
}

function authHeader(auth: HttpAuth | undefined): Record<string, string> {
  if (auth === undefined) return {};
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` };
  if (auth.kind === 'header') return { [auth.name.toLowerCase()]: auth.value };
  return { authorization: basic(auth.user, auth.password) };
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
