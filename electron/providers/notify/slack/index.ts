import { ScramError } from '../../../../shared/model/error.ts';
import type { NotifyTargetConfig } from '../../../../shared/model/config/index.ts';
import type { NotifyMessage } from '../../../../shared/model/notify.ts';
import { createHttpClient } from '../../../platform/http/client.ts';
import { retryAfterMs } from '../../../platform/http/retry-after.ts';
import type { HttpResponse } from '../../../platform/http/types.ts';
import type { NotifyTargetFactory } from '../context.ts';
import { probed, testMessage } from '../shared/probe.ts';
import { blotted, blotter, isLoopback, readSecret } from '../shared/secret.ts';
import { slackBody } from './blocks.ts';
import { slackRefusal } from './errors.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

/** A Slack incoming webhook. Its address is the secret: whoever has it can post. */
export const slackTarget: NotifyTargetFactory<Extract<NotifyTargetConfig, { kind: 'slack' }>> = (config, context) => {
  const url = webhookUrl(context.secret(config.credential));
  const path = url.pathname + url.search;
  const parts = url.pathname.split('/').filter((part) => !/^(services|triggers|workflows|api|hooks)$/.test(part));
  const blot = blotter([
    url.href,
    path,
    decodeURI(path),
    path.replace(/^\/services\//, ''),
    ...parts,
    url.search.slice(1),
  ]);
  const http = createHttpClient({
    baseUrl: url.origin,
    timeoutMs: config.timeout,
    maxBytes: MAX_ANSWER_BYTES,
    proxy: config.proxy,
    env: context.env,
    headers: { accept: 'text/plain' },
  });
  // The client names what it asked by the whole address.
  const where = `POST ${url.origin}${url.pathname}`;

  async function send(message: NotifyMessage, signal: AbortSignal): Promise<void> {
    let response: HttpResponse;
    try {
      response = await http.request({ method: 'POST', path, json: slackBody(message), signal });
    } catch (error) {
      if (!(error instanceof ScramError)) throw error;
      throw blotted(error, (text) => blot(text.replaceAll(where, 'Slack')));
    }
    if (response.status === 200 && response.text.trim() === 'ok') return;
    throw blotted(slackRefusal(response, retryAfterMs(response.headers, response.dateMs ?? context.clock.now())), blot);
  }

  return {
    kind: 'slack',
    send,
    probe: (signal) =>
      probed(context.clock, async () => {
        await send(testMessage(context.clock.now()), signal);
        return 'Slack took a test message: it stands in the channel, and says that it is a test. A webhook has no quieter way.';
      }),
    dispose() {
      void http.close();
    },
  };
};

/** Throws `credential`, and never says what was given. */
function webhookUrl(secret: string): URL {
  const text = readSecret(secret, "the Slack webhook's address");
  const url = URL.canParse(text) ? new URL(text) : null;
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url === null || !safe || url.pathname.length < 2 || url.username !== '' || url.password !== '') {
    throw new ScramError('credential', "the Slack webhook's address is not an https address with a path", {
      action: 'Give the whole address that Slack shows for the webhook: https://hooks.slack.com/services/…',
    });
  }
  return url;
}
