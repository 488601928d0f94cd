import { systemClock } from '../../../electron/platform/clock.ts';
import { ALONE } from '../../support/people.ts';
import { loadOrCreateDeviceKey } from '../../../electron/platform/crypto.ts';
import { writeFileAtomic } from '../../../electron/platform/files.ts';
import { createIds } from '../../../electron/platform/ids.ts';
import { dataPaths, ensureDataFolder } from '../../../electron/platform/paths.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../../electron/platform/sqlite/ledger-store.ts';
import { watchFile } from '../../../electron/platform/watch-file.ts';
import { createFlagdProvider } from '../../../electron/providers/flags/flagd/provider.ts';
import { createBatchService } from '../../../electron/services/batches/batch-service.ts';
import { createChangeService } from '../../../electron/services/changes/change-service.ts';
import { createFlagService } from '../../../electron/services/flags/flag-service.ts';
import type { FlagObserver } from '../../../electron/services/flags/observer.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { canonicalText, sha256Hex } from '../../../electron/services/signing/canonical.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { Log } from '../../../electron/services/ports.ts';
import type { SliService } from '../../../electron/services/slis/api.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import type { JsonValue } from '../../../shared/model/json.ts';

export const NEVER = new AbortController().signal;
export const KEY = 'enable_new_pricing';

/** The pipeline over a real flagd file, or another provider, and a real ledger on disk in `folder`. */
export async function openPipeline(options: {
  folder: string;
  /** By environment; none with a `provider`. */
  files?: Record<string, string>;
  /** In place of flagd, as the connection `local`; `config` then names its connection. */
  provider?: FlagProvider;
  observers?: readonly FlagObserver[];
  /** On top of an environment and the one connection. */
  config?: Record<string, unknown>;
  /** Wraps the provider, to stop it where a test wants. */
  wrap?: (provider: FlagProvider) => FlagProvider;
}) {
  const problems: string[] = [];
  const note = (event: string, fields = {}): void => void problems.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { info() {}, warn: note, error: note };
  const clock = systemClock(log);
  // The console's own timers never keep a process alive; while it waits on one, something else must.
  const alive = setInterval(() => {}, 60_000);
  ensureDataFolder(options.folder);
  const database = openDataFolderDatabase(options.folder);
  const key = await loadOrCreateDeviceKey(dataPaths(options.folder).deviceKey);
  const ledger = createLedger({
    store: createLedgerStore(database),
    signer: key,
    clock,
    product: 'scram 0.0.0-test',
    log,
  });
  const files = options.files ?? {};
  const connected =
    options.provider ??
    createFlagdProvider({
      id: 'local',
      files,
      hintsOf: (key) => ({ polarity: key.startsWith('ops_disable_') ? 'disables' : 'enables', safeDefault: null }),
      clock,
      writeFile: writeFileAtomic,
      watchFile,
    });
  const provider = options.wrap?.(connected) ?? connected;
  const unused = (): never => {
    throw new Error('not part of this test');
  };
  const config = configSchema.parse({
    version: 1,
    team: 'test',
    environments: { production: {} },
    connections: [{ id: 'local', kind: 'flagd', files }],
    ...options.config,
  });
  const kept = new Map<string, { text: string; atMs: number }>();
  const flags = createFlagService({
    connections: [
      { id: 'local', provider, observers: options.observers ?? [], refreshMs: null, staleAfterMs: 3_600_000 },
    ],
    config,
    ledger,
    cache: {
      get: (name) => kept.get(name) ?? null,
      put: (name, text) => void kept.set(name, { text, atMs: clock.now() }),
    },
    clock,
    log,
  });
  const slis: SliService = {
    statuses: unused,
    onStatus: unused,
    slis: () => [],
    views: () => [],
    view: () => null,
    watch: unused,
    onBreach: unused,
    retry: unused,
    probe: unused,
    dispose() {},
  };
  await flags.settled();
  const ports = {
    ...ALONE,
    flags,
    slis,
    ledger,
    config,
    environments: [{ name: 'production', tone: 'production' as const, propagationObjectiveMs: 30_000 }],
    clock,
    ids: createIds(() => clock.now()),
    log,
    hash: (value: unknown) => sha256Hex(canonicalText(value as JsonValue)),
  };
  const changes = createChangeService(ports);
  const batches = createBatchService({ ...ports, changes });
  return {
    changes,
    batches,
    ledger,
    provider,
    flags,
    problems,
    async proposeKill(flag = KEY) {
      const preview = await changes.preview(
        { action: 'kill', connection: 'local', flag, environment: 'production' },
        NEVER,
      );
      return changes.propose(preview.hash, 'p99 tripled');
    },
    async proposeUndo(change: string) {
      return changes.propose((await changes.preview({ action: 'undo', change }, NEVER)).hash, 'it was not the flag');
    },
    close() {
      clearInterval(alive);
      batches.dispose();
      changes.dispose();
      flags.dispose();
      database.close();
    },
  };
}
