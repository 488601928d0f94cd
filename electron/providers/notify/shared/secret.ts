import { ScramError } from '../../../../shared/model/error.ts';

/** What is too short to be recognised in other words would blot them out. */
const SHORTEST_PART = 6;

/** One line of secret text. Throws `credential`. */
export function readSecret(text: string, what: string): string {
  const secret = text.trim();
  if (secret === '' || /[\r\n]/.test(secret)) {
    throw new ScramError('credential', `${what} is empty or has several lines`, { action: 'Give it as one line.' });
  }
  return secret;
}

/** Takes every form of the secrets out of words that a person will see (E2): a proxy may repeat what it was sent. */
export function blotter(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST_PART)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ])
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  const pattern = new RegExp(forms.join('|') || '(?!)', 'gi');
  return (text) => text.replace(pattern, '[redacted]');
}

/** `cause` is left out: it could carry the request. */
export function blotted(error: ScramError, blot: (text: string) => string): ScramError {
  return new ScramError(error.code, blot(error.message), {
    ...(error.action === null ? {} : { action: blot(error.action) }),
    retryable: error.retryable,
    ...(error.retryAfterMs === null ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}

/** A host of this machine: what goes there crosses no network. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}
