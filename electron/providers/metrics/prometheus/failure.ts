import { type ErrorCode, ScramError } from '../../../../shared/model/error.ts';
import { type Failure, failureSchema } from './answer.ts';

/** What another system wrote may be long: as much as a person reads in an incident. */
const MAX_WORDS = 500;

export interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly where: string;
  readonly query: string;
  /** Takes the credential out of the source's words, before they are cut: half a secret is no longer found. */
  readonly redact: (text: string) => string;
}

/** `invalid parameter "query": 1:5: parse error: …`, of which 1:5 is line and column in the query. */
function position(error: string): string | null {
  const match = /(?:^|[\s"])(\d+):(\d+): parse error/.exec(error);
  return match ? `line ${match[1]}, column ${match[2]} of the query` : null;
}

/** VictoriaMetrics gives the HTTP status where Prometheus gives a word. */
function kindOf(
  failure: Failure,
  status: number,
): { code: ErrorCode; what: string; action: string; retryable: boolean } {
  const type = failure.errorType;
  if (type === 'timeout' || /query timed out|deadline exceeded/i.test(failure.error)) {
    return {
      code: 'timeout',
      what: 'gave up on the query at its own time limit',
      action: 'Narrow the query, or raise the source’s query time limit.',
      retryable: true,
    };
  }
  if (type === 'canceled' || type === 'unavailable' || status === 429 || status >= 500) {
    return {
      code: 'provider',
      what: `cannot answer now (HTTP ${status})`,
      action: 'It is asked again; look at the source’s own log if it lasts.',
      retryable: true,
    };
  }
  return {
    code: 'provider',
    what: type === 'execution' ? 'could not evaluate the query' : 'did not accept the query',
    action: 'Correct the query in the configuration.',
    retryable: false,
  };
}

/**
 * The error of an answer that is not a success: by Prometheus' own words when the body holds them, else by its HTTP
 * status. Returns null when the answer is a success.
 */
export function failureOf({ status, body, where, query, redact }: Refusal): ScramError | null {
  const parsed = failureSchema.safeParse(body);
  if (parsed.success) {
    const { code, what, action, retryable } = kindOf(parsed.data, status);
    const at = position(parsed.data.error);
    const words = redact(parsed.data.error).slice(0, MAX_WORDS);
    return new ScramError(code, `${where} ${what}${at ? ` (${at})` : ''}: ${words} — query: ${query.slice(0, 200)}`, {
      action,
      retryable,
    });
  }
  if (status >= 200 && status < 300) return null;
  return new ScramError('provider', `${where} answered HTTP ${status}, and not as Prometheus does`, {
    action:
      status === 404
        ? 'Check the connection’s url: the Prometheus API is not there.'
        : 'Check the connection’s url and the proxy before it.',
    retryable: status >= 500 || status === 429,
  });
}
