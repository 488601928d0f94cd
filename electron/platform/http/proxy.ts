import { BlockList, isIP } from 'node:net';
import { ScramError } from '../../../shared/model/error.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy between here and `url`; null when there is none. `explicit` comes from the configuration; otherwise
 * HTTPS_PROXY or HTTP_PROXY by the scheme, unless NO_PROXY names the host. As with curl and Go: lower case wins, and
 * a loopback address needs no proxy. Throws `config-invalid` when the address is none of a http or https proxy.
 */
export function proxyFor(url: URL, explicit: string | undefined, env: Env): URL | null {
  if (explicit !== undefined) return proxyUrl(explicit, "the connection's proxy");
  const host = bareHost(url);
  if (host === 'localhost' || isLoopback(host) || isExcepted(host, portOf(url), variable(env, 'NO_PROXY'))) return null;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = variable(env, name);
  return text === '' ? null : proxyUrl(text, `the variable ${name}`);
}

function variable(env: Env, name: string): string {
  return (env[name.toLowerCase()] || env[name] || '').trim();
}

/** The text may hold a password: errors name where it comes from, not what it is. */
function proxyUrl(text: string, whence: string): URL {
  const full = text.includes('://') ? text : `http://${text}`;
  if (URL.canParse(full)) {
    const url = new URL(full);
    if ((url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '') return url;
  }
  throw new ScramError('config-invalid', `${whence} is not the address of an http or https proxy`, {
    action: 'Give it as http://proxy.example:3128.',
  });
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** NO_PROXY: `*`, names with all below them, addresses, networks as 10.0.0.0/8; each may have a port. */
function isExcepted(host: string, port: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry.includes('/')) return inNetwork(host, entry);
      const [, name = '', wanted] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*)(?::(\d+))?$/.exec(entry) ?? [];
      if (wanted !== undefined && wanted !== port) return false;
      const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
      return bare !== '' && (host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`)));
    });
}

function inNetwork(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const networks = new BlockList();
  networks.addSubnet(network, Number(bits), family);
  return networks.check(host, family);
}
