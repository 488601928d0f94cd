import { ScramError } from '../../../shared/model/error.ts';
import type { HttpAuth } from '../../platform/http/client.ts';

/** The secret's text as the configuration has it: `user:password` for Basic, anything else is a bearer token. */
export function readCredential(credential: string | undefined): HttpAuth | undefined {
  if (credential === undefined) return undefined;
  const text = credential.trim();
  if (text === '' || /[\r\n]/.test(text)) {
    throw new ScramError('credential', 'the credential of the connection is empty or has several lines', {
      action: 'Give one line: a bearer token, or user:password.',
    });
  }
  const colon = text.indexOf(':');
  if (colon === -1) return { kind: 'bearer', token: text };
  return { kind: 'basic', user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A proxy may repeat what it was sent: takes every form of the secret out of words that a person will see (E2). */
export function redactor(auth: HttpAuth | undefined): (text: string) => string {
  if (auth === undefined) return (text) => text;
  const secrets =
    auth.kind === 'bearer'
      ? [auth.token]
      : auth.kind === 'header'
        ? [auth.value, auth.value.split(' ').at(-1) ?? '']
        : [
            Buffer.from(`${auth.user}:${auth.password}`).toString('base64').replace(/=+$/, ''),
            `${auth.user}:${auth.password}`,
            auth.password,
          ];
  const told = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    .sort((a, b) => b.length - a.length);
  // Case may be lost on the way: header values such as a content type are compared and shown in lower case.
  const pattern = new RegExp(
    told.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|') || '(?!)',
    'gi',
  );
  return (text) => text.replace(pattern, '[redacted]');
}

/** The same error with its words redacted, and without a cause, which could carry the request's headers. */
export function redactError(error: ScramError, redact: (text: string) => string): ScramError {
  return new ScramError(error.code, redact(error.message), {
    ...(error.action === null ? {} : { action: redact(error.action) }),
    retryable: error.retryable,
    ...(error.retryAfterMs === null ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}
