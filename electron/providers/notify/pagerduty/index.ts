import { z } from 'zod';
import type { NotifyTargetConfig } from '../../../../shared/model/config/index.ts';
import { ScramError } from '../../../../shared/model/error.ts';
import type { NotifyMessage } from '../../../../shared/model/notify.ts';
import { createHttpClient } from '../../../platform/http/client.ts';
import type { HttpResponse } from '../../../platform/http/types.ts';
import { createApi, type Explained } from '../../shared/api.ts';
import type { NotifyTargetFactory } from '../context.ts';
import { probed, testMessage } from '../shared/probe.ts';
import { blotted, blotter, isLoopback, readSecret } from '../shared/secret.ts';
import { pagerDutyEvent } from './events.ts';

const MAX_ANSWER_BYTES = 256 * 1024;

/** 202: taken, not yet worked on (docs: Events API v2, Response codes). */
const acceptedSchema = z.looseObject({ status: z.literal('success') });
const invalidSchema = z.looseObject({
  message: z.string().optional(),
  errors: z.union([z.array(z.string()), z.string()]).optional(),
});

/** PagerDuty, Events API v2. */
export const pagerdutyTarget: NotifyTargetFactory<Extract<NotifyTargetConfig, { kind: 'pagerduty' }>> = (
  config,
  context,
) => {
  const key = readSecret(context.secret(config.credential), "PagerDuty's routing key");
  const url = new URL(config.url);
  if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
    throw new ScramError('config-invalid', "PagerDuty's routing key would go over the network in the clear", {
      action: `Give the url of notify target ${config.id} with https.`,
    });
  }
  const blot = blotter([key]);
  const http = createHttpClient({
    baseUrl: config.url,
    caPem: config.ca === undefined ? undefined : context.readText(config.ca),
    timeoutMs: config.timeout,
    maxBytes: MAX_ANSWER_BYTES,
    proxy: config.proxy,
    env: context.env,
  });
  const api = createApi({
    http,
    name: 'PagerDuty',
    auth: undefined,
    explain: (response, body) => explain(response, body, blot),
  });

  async function send(message: NotifyMessage, signal: AbortSignal): Promise<void> {
    const { path, body } = pagerDutyEvent(message);
    try {
      await api.ask({
        method: 'POST',
        path,
        json: { routing_key: key, ...body },
        schema: acceptedSchema,
        what: path === '/v2/enqueue' ? 'an alert' : 'a change event',
        signal,
      });
    } catch (error) {
      throw error instanceof ScramError ? blotted(error, blot) : error;
    }
  }

  return {
    kind: 'pagerduty',
    send,
    probe: (signal) =>
      probed(context.clock, async () => {
        await send(testMessage(context.clock.now()), signal);
        return 'PagerDuty took a change event that says that it is a test; change events wake nobody.';
      }),
    dispose: () => api.dispose(),
  };
};

/**
 * A wrong routing key is an invalid event there, with status 400. The key is taken out here: what is cut to its length
 * later could be cut within the key.
 */
function explain(response: HttpResponse, body: unknown, blot: (text: string) => string): Explained {
  const { message, errors } = invalidSchema.safeParse(body).data ?? {};
  const words = [message, ...(typeof errors === 'string' ? [errors] : (errors ?? []))].filter(Boolean).join('; ');
  if (response.status === 400 && /routing.?key/i.test(words)) {
    return {
      code: 'credential',
      message: blot(words),
      action: 'Give the integration key of an Events API v2 integration: 32 characters.',
    };
  }
  return { message: words === '' ? 'it gave no reason' : blot(words) };
}
