import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWeb, type WebFixture } from '../support/web-fixture.ts';

let web: WebFixture;
let cookie: string;
beforeAll(async () => {
  web = await startWeb();
  cookie = await web.cookie();
});
afterAll(() => web.close());

describe('011: the content security policy', () => {
  it.each(['/', '/now', '/assets/app-abc123.js', '/none', '/?token=wrong'])(
    'stands on %s, and lets nothing inline run',
    async (target) => {
      const { headers } = await web.get(target, { cookie });
      const policy = headers.get('content-security-policy') ?? '';
      const directives = new Map(
        policy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)] as const),
      );
      expect(directives.get('default-src')).toEqual(["'none'"]);
      expect(directives.get('script-src')).toEqual(["'self'"]);
      expect(directives.get('style-src')).toEqual(["'self'"]);
      expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
      expect(directives.get('base-uri')).toEqual(["'none'"]);
      expect(directives.get('form-action')).toEqual(["'none'"]);
      expect(directives.get('connect-src')).toContain(`ws://127.0.0.1:${web.host.port}`);
      expect(policy).not.toMatch(/unsafe|https?:|\*|blob:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  it('hashed files may be kept for ever, the document never', async () => {
    const asset = await web.get('/assets/app-abc123.js', { cookie, 'accept-encoding': 'gzip' });
    expect(asset.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(asset.headers.get('content-encoding')).toBe('gzip');
    expect(Number(asset.headers.get('content-length'))).toBeLessThan(1000);
    expect((await web.get('/now', { cookie })).headers.get('cache-control')).toBe('no-store');
  });
});
