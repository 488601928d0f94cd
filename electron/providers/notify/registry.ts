import type { NotifyTargetConfig } from '../../../shared/model/config/index.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { NotifyTarget } from '../../services/notify/target.ts';
import type { NotifyContext, NotifyTargetFactory } from './context.ts';
import { emailTarget } from './email/index.ts';
import { pagerdutyTarget } from './pagerduty/index.ts';
import { probed } from './shared/probe.ts';
import { slackTarget } from './slack/index.ts';
import { webhookTarget } from './webhook/index.ts';

type Kind = NotifyTargetConfig['kind'];

const TARGETS: { readonly [K in Kind]: NotifyTargetFactory<Extract<NotifyTargetConfig, { kind: K }>> } = {
  slack: slackTarget,
  pagerduty: pagerdutyTarget,
  webhook: webhookTarget,
  email: emailTarget,
};

/**
 * The target of one entry of `notify`. It never throws: what cannot be set up now, because its secret is in a vault that
 * is locked or its configuration is wrong, says so at each message, and is tried again with the next.
 */
export function createNotifyTarget(config: NotifyTargetConfig, context: NotifyContext): NotifyTarget {
  // The table pairs each kind with the factory of its own configuration, which the type of a lookup cannot say.
  const make = TARGETS[config.kind] as NotifyTargetFactory<NotifyTargetConfig>;
  let made: NotifyTarget | null = null;
  let disposed = false;
  function target(): NotifyTarget {
    if (disposed) throw new ScramError('cancelled', 'the console stopped sending');
    made ??= make(config, context);
    return made;
  }
  return {
    kind: config.kind,
    send: async (message, signal) => target().send(message, signal),
    probe: (signal) => {
      try {
        return target().probe(signal);
      } catch (error) {
        return probed(context.clock, () => Promise.reject(error));
      }
    },
    dispose() {
      disposed = true;
      made?.dispose();
      made = null;
    },
  };
}
