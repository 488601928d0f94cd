import type { HttpResponse } from '../../../platform/http/client.ts';
import type { Explained } from '../../shared/api.ts';
import { refusalSchema } from './schema.ts';

/** The action that a refusal names, as in `action 'updateOn' not allowed`. */
const ACTION = /action '?"?([A-Za-z]+)'?"?/;

/** What LaunchDarkly says of a refusal: `{code, message, id}` (launchdarkly.com/docs/api, Errors). */
export function explain(response: HttpResponse, body: unknown): Explained | null {
  const read = refusalSchema.safeParse(body);
  if (!read.success) return null;
  const { message } = read.data;
  const permission = response.status === 403 || response.status === 401 ? (ACTION.exec(message)?.[1] ?? null) : null;
  if (response.status === 401) {
    return {
      message,
      permission,
      // 401 stands for a missing right too, and SDK keys never work here.
      action: permission
        ? `Give the token the action ${permission}.`
        : 'Check the access token: it must be one for the REST API, not an SDK key, and allowed to do this.',
    };
  }
  return { message, permission };
}
