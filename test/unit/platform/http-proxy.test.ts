import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../electron/platform/http/proxy.ts';

const env = { HTTP_PROXY: 'http://plain.test:3128', HTTPS_PROXY: 'http://secure.test:3129' };
const via = (url: string, variables: Record<string, string> = env, explicit?: string) =>
  proxyFor(new URL(url), explicit, variables)?.origin ?? null;

describe('the proxy of an address', () => {
  it('is that of its scheme; lower case wins', () => {
    expect(via('http://flags.test')).toBe('http://plain.test:3128');
    expect(via('https://flags.test')).toBe('http://secure.test:3129');
    expect(via('https://flags.test', { ...env, https_proxy: 'http://lower.test:1' })).toBe('http://lower.test:1');
    expect(via('http://flags.test', {})).toBeNull();
    expect(via('http://flags.test', { HTTP_PROXY: 'bare.test:3128' })).toBe('http://bare.test:3128');
  });

  it('is none for this machine, unless the configuration names one', () => {
    for (const url of ['http://localhost:4242', 'http://127.0.0.1', 'http://127.9.9.9', 'http://[::1]:80']) {
      expect(via(url), url).toBeNull();
      expect(via(url, env, 'http://own.test:1'), url).toBe('http://own.test:1');
    }
  });

  it.each<[string, string, boolean]>([
    ['*', 'http://flags.test', true],
    ['flags.test', 'http://flags.test', true],
    ['flags.test', 'http://eu.flags.test', true],
    ['.flags.test', 'http://eu.flags.test', true],
    ['*.flags.test', 'http://eu.flags.test', true],
    ['flags.test', 'http://otherflags.test', false],
    ['a.test, FLAGS.test', 'http://flags.test', true],
    ['a.test flags.test', 'http://flags.test', true],
    ['flags.test:8080', 'http://flags.test:8080', true],
    ['flags.test:8080', 'http://flags.test', false],
    ['flags.test:80', 'http://flags.test', true],
    ['10.0.0.0/8', 'http://10.1.2.3', true],
    ['10.0.0.0/8', 'http://11.1.2.3', false],
    ['10.0.0.0/99', 'http://10.1.2.3', false],
    ['10.1.2.3', 'http://10.1.2.3:9000', true],
    ['2.3', 'http://10.1.2.3', false],
    ['[fd00::1]:80', 'http://[fd00::1]', true],
    ['fd00::/8', 'http://[fd12::1]', true],
    ['', 'http://flags.test', false],
  ])('NO_PROXY=%s for %s: none = %s', (list, url, none) => {
    expect(via(url, { ...env, NO_PROXY: list }) === null).toBe(none);
  });

  it.each(['socks5://user:hunter2@p.test', 'http://user:hunter2@', 'ftp://hunter2@p.test'])(
    'E2: an address that is none of a proxy is refused without being repeated: %s',
    (proxy) => {
      const run = () => via('http://flags.test', { HTTP_PROXY: proxy });
      expect(run).toThrow(expect.objectContaining({ code: 'config-invalid' }));
      expect(run).toThrow('the variable HTTP_PROXY is not the address');
      expect(run).not.toThrow('hunter2');
    },
  );
});
