import { type ErrorCode, ScramError } from '../../../../shared/model/error.ts';
import { wireFailure } from '../../../platform/http/errors.ts';

interface Meaning {
  /** SQLSTATE, or the beginning of it ("PostgreSQL Error Codes", appendix A of its manual). */
  readonly state: RegExp;
  readonly code: ErrorCode;
  readonly action?: string;
  readonly retryable?: boolean;
}

const MEANINGS: readonly Meaning[] = [
  { state: /^28/, code: 'credential', action: "Correct user and password in the team store's credential." },
  { state: /^3D000$/, code: 'credential', action: "Correct the database's name in the team store's credential." },
  {
    state: /^42501$/,
    code: 'credential',
    action: 'Have the owner of the schema give the role the rights that docs/team-store.md lists.',
  },
  { state: /^53300$/, code: 'unreachable', action: 'Each console takes two connections: raise max_connections.' },
  { state: /^(57P0|08)/, code: 'unreachable' },
  { state: /^57014$/, code: 'timeout' },
  { state: /^25006$/, code: 'refused', action: 'Give the address of the primary server: this one only reads.' },
  { state: /^53/, code: 'provider', action: 'Look at the disk and the memory of the server.', retryable: true },
  {
    state: /^42(P01|703|883)$/,
    code: 'provider',
    action: 'The tables are not those of Scram: give another schema, or have the owner run scram team migrate.',
  },
];

/** The error of a query or of connecting, by its meaning. `where` is the address and what was asked. */
export function postgresFailure(where: string, error: unknown): ScramError {
  if (error instanceof ScramError) return error;
  const words = error instanceof Error ? error.message : String(error);
  const state = sqlState(error);
  if (state !== null) {
    const { code = 'provider', action, retryable } = MEANINGS.find((meaning) => meaning.state.test(state)) ?? {};
    return new ScramError(code, `${where}: ${words.slice(0, 300)} (${state})`, {
      ...(action === undefined ? {} : { action }),
      ...(retryable === undefined ? {} : { retryable }),
    });
  }
  if (/^SASL|password must be a string/i.test(words)) {
    return new ScramError('credential', `${where}: the server asks for another proof than the password given`, {
      action: "Correct user and password in the team store's credential.",
    });
  }
  if (/does not support SSL/i.test(words)) {
    return new ScramError('refused', `${where}: the server does not speak TLS`, {
      action: 'Turn TLS on there; on a network that you trust, add ?sslmode=disable to the connection string.',
    });
  }
  if (/timeout expired/i.test(words)) return new ScramError('timeout', `${where}: the connection timed out`);
  if (/Connection terminated|not queryable|closed/i.test(words)) {
    return new ScramError('unreachable', `${where}: the connection was closed`);
  }
  return wireFailure(where, error);
}

/** Five characters that the server names every error by; null for what did not come from it. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}
