import { protocol } from 'electron';
import type { PageFiles } from '../shared/page-files.ts';
import { securityHeaders } from '../shared/page-headers.ts';
import { isOurs, SCHEME } from './origin.ts';

/** Must run before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the built page at `app://scram/`, with the same policy as the web host, from memory alone. */
export function servePage(files: PageFiles): void {
  protocol.handle(SCHEME, (request) => {
    const headers = securityHeaders([]);
    if (!isOurs(request.url) || request.method !== 'GET') return new Response(null, { status: 403, headers });
    const file = files.find(new URL(request.url).pathname);
    if (file === null) return new Response(null, { status: 404, headers });
    return new Response(new Uint8Array(file.body), { headers: { ...headers, 'content-type': file.type } });
  });
}
