import { z } from 'zod';
import { CREDENTIAL_NAME } from '../vault.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `250ms`, `30s`, `10m`, `24h`, `7d`. Returns milliseconds, or null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (!match) return null;
  const unit = UNIT_MS[match[2] ?? ''];
  return unit === undefined ? null : Number(match[1]) * unit;
}

/** A duration as text in the file, milliseconds in the model. */
export const durationSchema = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'a duration: a number and ms, s, m, h or d, such as 30s')
  .meta({ description: 'A duration such as 250ms, 30s, 10m, 24h', examples: ['30s'] })
  .transform((text) => parseDuration(text) ?? 0)
  .refine((ms) => ms > 0, 'a duration longer than zero, such as 30s');

/** Names of environments, services, connections and SLIs: they stand in URLs, ledgers and the terminal. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'a name of letters, digits, dot, dash and underscore, at most 100');

export const httpUrlSchema = z
  .url({ protocol: /^https?$/, error: 'an http or https address, such as http://127.0.0.1:9090' })
  .refine((text) => !/^https?:\/\/[^/?#]*@/i.test(text), {
    message: 'an address without user and password: put them into a credential',
  });

/**
 * Where a secret is kept, never the secret itself (E2): a name in the vault, `env:NAME`, or `cmd:` and a command that
 * prints it, as password managers have one.
 */
export const credentialSchema = z
  .string()
  .max(1000)
  .regex(
    new RegExp(`^(env:[A-Za-z_][A-Za-z0-9_]*|cmd:\\S.*)$|${CREDENTIAL_NAME.source}`),
    'a name in the vault, env:NAME, or cmd: and a command that prints the secret',
  )
  .meta({
    description:
      'A name in the vault (scram vault set NAME), env:NAME for an environment variable, or cmd: and a command that prints it',
  });

/** An ISO date, read as the end of that day in UTC; epoch milliseconds in the model. */
export const dateSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2026-12-31')
  .refine((text) => !Number.isNaN(Date.parse(`${text}T23:59:59Z`)), 'a date that exists, such as 2026-12-31')
  .transform((text) => Date.parse(`${text}T23:59:59Z`));
