import type { NotifyTargetConfig } from '../../shared/model/config/index.ts';
import { ScramError } from '../../shared/model/error.ts';
import { notifyEventSchema } from '../../shared/model/notify.ts';
import { createNotifyTarget } from '../providers/notify/registry.ts';
import type { NotifyTargetEntry } from '../services/notify/api.ts';
import type { NotifyTarget } from '../services/notify/target.ts';
import { type ConnectionContext, textOf } from './connections.ts';

/** Every target of the configuration; one that cannot be set up is listed with the reason. */
export function notifyTargets(context: ConnectionContext): NotifyTargetEntry[] {
  return context.config.notify.map((target) => ({
    id: target.id,
    target: targetOf(target, context),
    events: target.events ?? notifyEventSchema.options,
  }));
}

function targetOf(target: NotifyTargetConfig, context: ConnectionContext): NotifyTarget {
  const { clock, log, env, secret } = context;
  try {
    return createNotifyTarget(target, { clock, log, env, secret, readText: (file) => textOf(file, context) });
  } catch (error) {
    return failingTarget(target.kind, error);
  }
}

function failingTarget(kind: string, error: unknown): NotifyTarget {
  return {
    kind,
    send: () => Promise.reject(error),
    probe: async () => ({
      ok: false,
      latencyMs: 0,
      clockSkewMs: null,
      canRead: false,
      canWrite: false,
      detail: error instanceof ScramError ? error.message : 'it could not be set up',
      fields: [],
    }),
    dispose: () => undefined,
  };
}
