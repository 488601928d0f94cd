import type { IncomingMessage, ServerResponse } from 'node:http';
import { securityHeaders } from '../shared/page-headers.ts';
import type { PageFile } from '../shared/page-files.ts';

/** Answers of the web host. `connect` is what the page may open a socket to. */
export function createResponder(connect: readonly string[]) {
  const common = securityHeaders(connect);

  const text = (response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}) => {
    response.writeHead(status, {
      ...common,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      ...headers,
    });
    response.end(body);
  };

  return {
    text,

    redirect(response: ServerResponse, location: string, cookie: string) {
      text(response, 303, '', { location, 'set-cookie': cookie });
    },

    unauthorised(request: IncomingMessage, response: ServerResponse) {
      const wantsPage = (request.headers.accept ?? '').includes('text/html');
      text(response, 401, wantsPage ? UNAUTHORISED_PAGE : UNAUTHORISED_TEXT, {
        'content-type': wantsPage ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
      });
    },

    async file(request: IncomingMessage, response: ServerResponse, file: PageFile) {
      const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
      const small = accepts ? await file.gzipped() : null;
      const body = small ?? file.body;
      const isDocument = file.type.startsWith('text/html');
      response.writeHead(200, {
        ...common,
        'content-type': file.type,
        'content-length': body.length,
        'cache-control': file.hashed ? 'private, max-age=31536000, immutable' : isDocument ? 'no-store' : 'no-cache',
        vary: 'accept-encoding',
        ...(small === null ? {} : { 'content-encoding': 'gzip' }),
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    },
  };
}

const WHAT_TO_DO = [
  'This address is open to the person who started the console alone.',
  'Open the address that the console printed when it started: it ends in ?token=… and works until the console stops.',
  'If you came here by a link from another page, put the cursor into the address bar and press Enter.',
];
const UNAUTHORISED_TEXT = `401: no token\n${WHAT_TO_DO.join('\n')}\n`;
const UNAUTHORISED_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Scram: no token</title></head>
<body><main><h1>The console needs its token</h1>${WHAT_TO_DO.map((line) => `<p>${line}</p>`).join('')}</main></body></html>
`;
