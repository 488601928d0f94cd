import { type ErrorCode, ScramError } from '../../../../shared/model/error.ts';
import type { HttpResponse } from '../../../platform/http/types.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  readonly action?: string;
}

const NEW_WEBHOOK = 'Make a new incoming webhook for the channel in Slack, and give its address as the credential.';

/** Slack answers a refused message with one word as plain text (docs: Handling errors of incoming webhooks). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  invalid_payload: { code: 'provider', what: 'the message could not be read' },
  invalid_blocks: { code: 'provider', what: 'the message does not fit its blocks' },
  msg_blocks_too_long: { code: 'provider', what: 'the message is too long' },
  no_text: { code: 'provider', what: 'the message is empty' },
  user_not_found: { code: 'refused', what: 'the person that the webhook posts to is not known', action: NEW_WEBHOOK },
  channel_not_found: { code: 'refused', what: 'the channel is not there any more', action: NEW_WEBHOOK },
  channel_is_archived: {
    code: 'refused',
    what: 'the channel is archived',
    action: 'Bring it back, or make a webhook for another.',
  },
  action_prohibited: {
    code: 'refused',
    what: "the workspace's rules forbid the message",
    action: 'Ask an owner of the workspace to allow the webhook to post there.',
  },
  posting_to_general_channel_denied: {
    code: 'refused',
    what: 'the webhook may not post to the general channel',
    action: 'Make a webhook for another channel, or have its maker allowed to post there.',
  },
  too_many_attachments: { code: 'provider', what: 'the message has too many parts' },
  invalid_token: { code: 'credential', what: 'the webhook is not valid', action: NEW_WEBHOOK },
  no_active_hooks: { code: 'credential', what: 'the webhook was switched off', action: NEW_WEBHOOK },
  no_service: { code: 'credential', what: 'the webhook was removed or switched off', action: NEW_WEBHOOK },
  no_service_id: { code: 'credential', what: "the webhook's address is not whole", action: NEW_WEBHOOK },
  no_team: { code: 'credential', what: 'the workspace is not there any more', action: NEW_WEBHOOK },
  team_disabled: { code: 'credential', what: 'the workspace was switched off', action: NEW_WEBHOOK },
};

/** What an answer that is not `ok` means. `waitMs`: what its Retry-After says. */
export function slackRefusal(
  { status, text }: Pick<HttpResponse, 'status' | 'text'>,
  waitMs: number | null,
): ScramError {
  if (status === 429) {
    return new ScramError('rate-limited', 'Slack: too many messages (429)', {
      ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
    });
  }
  const word = /^[a-z_]{2,60}$/.exec(text.trim())?.[0] ?? null;
  const known = word === null || !Object.hasOwn(MEANINGS, word) ? undefined : MEANINGS[word];
  if (known !== undefined) {
    const options = known.action === undefined ? {} : { action: known.action };
    return new ScramError(known.code, `Slack: ${known.what} (${status} ${word})`, { ...options, retryable: false });
  }
  if (status === 200) {
    return new ScramError(
      'provider',
      'Slack: what answered did not answer as Slack does; a proxy may stand before it',
      {
        action: "Check the webhook's address, and whether a proxy asks for a login.",
      },
    );
  }
  const tail = word === null ? '' : ` ${word}`;
  return new ScramError('provider', `Slack: refused the message (${status}${tail})`, {
    retryable: status >= 500,
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
    ...(status === 403 || status === 404 || status === 410 ? { action: NEW_WEBHOOK } : {}),
  });
}
