import { ScramError } from '../../../shared/model/error.ts';
import type { ChangeProgress } from '../../../shared/model/change.ts';
import type { ServiceSet } from '../backend.ts';
import { coalesce, disposeAll, requireEnvironment } from './shared.ts';
import type { HandlersOf } from './types.ts';

/** Finished changes that the list of an environment shows; those still being watched are in it as far as there is room. */
const RECENT = 20;
const MOST = 60;
/** Changes of a bulk kill come by the hundred: a burst of them is one frame, milliseconds. */
const BURST_MS = 100;

export const changeHandlers: HandlersOf<'changes'> = {
  'changes.preview': async (request, { services, signal }) => services.changes.preview(request, signal),

  'changes.propose': async ({ preview, rationale }, { services, session }) =>
    services.changes.propose(preview, rationale, session.person.actor()),

  // A kill that was confirmed goes on when its page is closed or reloaded (B2): it stops with the console alone.
  'changes.execute': async ({ hash }, { services, session, shutdown }) =>
    services.changes.execute(hash, shutdown, session.person.actor()),

  'changes.watch': ({ hash }, { services }, push) => {
    const subscription = services.changes.onProgress((progress) => {
      if (progress.change.hash === hash) push(progress);
    });
    const snapshot = services.changes.progress(hash);
    if (snapshot === null) {
      subscription.dispose();
      throw new ScramError('not-found', `no change ${hash.slice(0, 12)}… was proposed on this device`);
    }
    return { snapshot, dispose: () => subscription.dispose() };
  },

  // Each delta is the whole list: a subscriber that replaces and one that merges both end up right.
  'changes.recent': ({ environment }, { backend, services }, push) => {
    requireEnvironment(services, environment);
    const burst = coalesce(backend.clock, BURST_MS, () => push({ changes: recent(services, environment) }));
    const subscription = services.changes.onProgress((progress) => {
      if (progress.change.payload.environment === environment) burst.trigger();
    });
    return {
      snapshot: { changes: recent(services, environment) },
      dispose: disposeAll(subscription, burst).dispose,
    };
  },

  'changes.previewBatch': async ({ environment, target }, { services, signal }) => {
    requireEnvironment(services, environment);
    return services.batches.preview(environment, target, signal);
  },

  'changes.proposeBatch': async ({ preview, rationale }, { services, session }) =>
    services.batches.propose(preview, rationale, session.person.actor()),

  // As with one change: what was confirmed goes on when its page is closed.
  'changes.executeBatch': async ({ hash }, { services, session, shutdown }) =>
    services.batches.execute(hash, shutdown, session.person.actor()),

  'changes.watchBatch': ({ hash }, { services }, push) => {
    const subscription = services.batches.onProgress((progress) => {
      if (progress.batch.hash === hash) push(progress);
    });
    const snapshot = services.batches.progress(hash);
    if (snapshot === null) {
      subscription.dispose();
      throw new ScramError('not-found', `no bulk kill ${hash.slice(0, 12)}… was proposed on this device`);
    }
    return { snapshot, dispose: () => subscription.dispose() };
  },
};

function recent(services: ServiceSet, environment: string): ChangeProgress[] {
  return services.changes
    .recent({ environment })
    .filter((progress, index) => index < RECENT || isWatched(progress))
    .slice(0, MOST);
}

function isWatched(progress: ChangeProgress): boolean {
  return progress.recoveries.some(({ verdict }) => verdict === 'watching');
}
