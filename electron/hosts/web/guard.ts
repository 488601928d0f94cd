import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is turned away before anything is looked at. */
export interface Refusal {
  readonly status: 400 | 403 | 405 | 413 | 421;
  readonly reason: string;
}

export interface Guard {
  readonly token: string;
  /** Checks Host, Origin and Sec-Fetch-Site: against DNS rebinding and requests that other sites cause. */
  refusal(headers: IncomingHttpHeaders, kind: 'page' | 'socket'): Refusal | null;
  /** True for the launch token, and once for each ticket. */
  accepts(token: string): boolean;
  /** A token that works once within a minute: it may stand in a process list for a moment. */
  ticket(): string;
  hasCookie(headers: IncomingHttpHeaders): boolean;
  cookie(): string;
}

const TICKET_MS = 60_000;

/** Everything that stands between the loopback port and the page. `now` in epoch ms. */
export function createGuard(port: number, now: () => number): Guard {
  const token = secret();
  const session = secret();
  const tickets = new Map<string, number>();
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]);
  // Cookies do not tell ports apart: two consoles on one machine need two names.
  const cookieName = `scram-${port}`;

  return {
    token,
    refusal(headers, kind) {
      const { host, origin } = headers;
      if (host === undefined || !hosts.has(host)) {
        return { status: 421, reason: `this console answers on 127.0.0.1:${port} and localhost:${port} alone` };
      }
      const site = headers['sec-fetch-site'];
      // A socket is opened by a page of ours, which always names itself.
      if (kind === 'socket' && origin !== `http://${host}`) return { status: 403, reason: 'another origin' };
      if (origin !== undefined && origin !== `http://${host}`) return { status: 403, reason: 'another origin' };
      if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation(headers)) {
        return { status: 403, reason: 'another site' };
      }
      return null;
    },
    accepts(given) {
      const expiresAtMs = tickets.get(given);
      if (expiresAtMs !== undefined) {
        tickets.delete(given);
        return now() < expiresAtMs;
      }
      return same(given, token);
    },
    ticket() {
      const ticket = secret();
      tickets.set(ticket, now() + TICKET_MS);
      return ticket;
    },
    hasCookie(headers) {
      const cookies = (headers.cookie ?? '').split(';').map((part) => part.trim());
      return cookies.some(
        (part) => part.startsWith(`${cookieName}=`) && same(part.slice(cookieName.length + 1), session),
      );
    },
    cookie: () => `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`,
  };
}

/** Following a link from elsewhere: the strict cookie is not sent with it, so that only a token can let it in. */
function isNavigation(headers: IncomingHttpHeaders): boolean {
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** Hashed first, so that the time tells neither the length nor the first difference. */
function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
