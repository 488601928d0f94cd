import type { NotifyTargetConfig } from '../../../../shared/model/config/index.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { NotifyMessage } from '../../../../shared/model/notify.ts';
import { createHttpClient } from '../../../platform/http/client.ts';
import { createApi } from '../../shared/api.ts';
import type { NotifyTargetFactory } from '../context.ts';
import { messageId } from '../shared/message-id.ts';
import { probed, testMessage } from '../shared/probe.ts';
import { blotted, blotter, readSecret } from '../shared/secret.ts';
import { signatureOf } from './signature.ts';

const MAX_ANSWER_BYTES = 64 * 1024;
/** A shorter key could be guessed from one message. */
const SHORTEST_KEY = 16;

/** An HTTP endpoint of the team's own. Every message is signed, so that the receiver can tell that it is ours. */
export const webhookTarget: NotifyTargetFactory<Extract<NotifyTargetConfig, { kind: 'webhook' }>> = (
  config,
  context,
) => {
  const key = readSecret(context.secret(config.credential), "the webhook's key");
  if (key.length < SHORTEST_KEY) {
    throw new ScramError('credential', `the webhook's key has fewer than ${SHORTEST_KEY} characters`, {
      action: 'Give a longer one, such as `openssl rand -hex 32` prints.',
    });
  }
  const { origin, pathname, search, host } = new URL(config.url);
  const http = createHttpClient({
    baseUrl: origin,
    caPem: config.ca === undefined ? undefined : context.readText(config.ca),
    timeoutMs: config.timeout,
    maxBytes: MAX_ANSWER_BYTES,
    proxy: config.proxy,
    env: context.env,
  });
  // Nothing of what the endpoint says of a refusal is repeated: it is no service whose words are known.
  const api = createApi({
    http,
    name: `the webhook at ${host}`,
    auth: undefined,
    explain: () => ({ message: 'no words' }),
  });
  const blot = blotter([key, search.slice(1)]);

  async function send(message: NotifyMessage, signal: AbortSignal): Promise<void> {
    const id = messageId(message);
    const json = { id, ...message };
    // Of this try and not of the message: a receiver refuses what is old, and a message may have waited.
    const timestamp = String(Math.floor(context.clock.now() / 1000));
    const signature = signatureOf(key, { id, timestamp, body: JSON.stringify(json) });
    try {
      await api.ask({
        method: 'POST',
        path: `${pathname}${search}`,
        json,
        headers: { 'scram-id': id, 'scram-timestamp': timestamp, 'scram-signature': signature },
        schema: null,
        what: 'a message',
        signal,
      });
    } catch (error) {
      throw error instanceof ScramError ? blotted(error, blot) : error;
    }
  }

  return {
    kind: 'webhook',
    send,
    probe: (signal) =>
      probed(context.clock, async () => {
        await send(testMessage(context.clock.now()), signal);
        return `${host} took a signed message of event test.`;
      }),
    dispose: () => api.dispose(),
  };
};
