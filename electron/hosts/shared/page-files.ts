import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ScramError } from '../../../shared/model/error.ts';

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** Its name changes with its content, so that it may be kept for ever. */
  readonly hashed: boolean;
  /** Compressed on the first request and kept; null where compression would gain nothing. */
  gzipped(): Promise<Buffer | null>;
}

export interface PageFiles {
  /** Null for every path that is not exactly a built file or a route of the page. */
  find(urlPath: string): PageFile | null;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const COMPRESSIBLE = /^(text\/|application\/(json|manifest)|image\/svg)/;
const GAIN_BYTES = 1024;
/** Views of the page: each is answered with the one document. */
const ROUTE = /^\/(?:(?:now|flags|incidents|approvals|drift|health|setup|ledger)(?:\/.*)?)?$/;

const compress = promisify(gzip);

/**
 * Reads every built file at start; afterwards a request's path is only ever looked up among them, so that no spelling
 * of a path reaches the disk. Throws `not-found` when the page has not been built.
 */
export async function loadPageFiles(directory: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  if (!existsSync(path.join(directory, 'index.html'))) {
    throw new ScramError('not-found', `the page is not built: ${directory} has no index.html`, {
      action: 'Run `npm start`, which builds it',
    });
  }
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const type = TYPES[path.extname(entry.name)];
      if (!entry.isFile() || type === undefined) return;
      const file = path.join(entry.parentPath, entry.name);
      const urlPath = `/${path.relative(directory, file).split(path.sep).join('/')}`;
      files.set(urlPath, pageFile(await readFile(file), type, urlPath.startsWith('/assets/')));
    }),
  );
  const index = files.get('/index.html') ?? null;
  files.delete('/index.html');
  return { find: (urlPath) => files.get(urlPath) ?? (isRoute(urlPath) ? index : null) };
}

/** The folder of the built page, from where a host's code lies: in `dist/hosts` when built, in `electron/hosts` else. */
export function findPageDir(from: string): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    for (const candidate of [path.join(folder, 'page'), path.join(folder, 'dist/page')]) {
      if (existsSync(path.join(candidate, 'index.html'))) return candidate;
    }
    if (folder === path.dirname(folder)) return path.resolve(from, '../page');
  }
}

/** A flag's key may hold an encoded slash; a path that climbs, in any spelling, is no route of ours. */
function isRoute(urlPath: string): boolean {
  if (!ROUTE.test(urlPath)) return false;
  try {
    return !decodeURIComponent(urlPath)
      .split(/[/\\]/)
      .some((part) => part === '..' || part.includes('\0'));
  } catch {
    return false;
  }
}

function pageFile(body: Buffer, type: string, hashed: boolean): PageFile {
  let smaller: Promise<Buffer | null> | null = null;
  return {
    type,
    body,
    hashed,
    gzipped() {
      smaller ??= body.length >= GAIN_BYTES && COMPRESSIBLE.test(type) ? compress(body) : Promise.resolve(null);
      return smaller;
    },
  };
}
