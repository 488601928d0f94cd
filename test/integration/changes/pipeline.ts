import { systemClock } from '../../../electron/platform/clock.ts';
import { loadOrCreateDeviceKey } from '../../../electron/platform/crypto.ts';
import { writeFileAtomic } from '../../../electron/platform/files.ts';
import { createIds } from '../../../electron/platform/ids.ts';
import { dataPaths, ensureDataFolder } from '../../../electron/platform/paths.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../../electron/platform/sqlite/ledger-store.ts';
import { watchFile } from '../../../electron/platform/watch-file.ts';
import { createFlagdProvider } from '../../../electron/providers/flags/flagd/provider.ts';
import { createChangeService } from '../../../electron/services/changes/change-service.ts';
import type { FlagService } from '../../../electron/services/flags/api.ts';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { canonicalText, sha256Hex } from '../../../electron/services/ledger/canonical.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import type { Log } from '../../../electron/services/ports.ts';
import type { SliService } from '../../../electron/services/slis/api.ts';
import { configSchema } from '../../../shared/model/config/index.ts';
import type { Flag } from '../../../shared/model/flag.ts';

export const NEVER = new AbortController().signal;
export const KEY = 'enable_new_pricing';

/** The pipeline over a real flagd file, and a real ledger on disk in `folder`. Flags are read past any cache. */
export async function openPipeline(options: {
  folder: string;
  files: Record<string, string>;
  /** Wraps the provider, to stop it where a test wants. */
  wrap?: (provider: FlagProvider) => FlagProvider;
}) {
  const problems: string[] = [];
  const note = (event: string, fields = {}): void => void problems.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { info() {}, warn: note, error: note };
  const clock = systemClock(log);
  ensureDataFolder(options.folder);
  const database = openDataFolderDatabase(options.folder);
  const key = await loadOrCreateDeviceKey(dataPaths(options.folder).deviceKey);
  const ledger = createLedger({ store: createLedgerStore(database), signer: key, clock, product: 'scram 0.0.0-test', log });
  const flagd = createFlagdProvider({
    id: 'local',
    files: options.files,
    hintsOf: (key) => ({ polarity: key.startsWith('ops_disable_') ? 'disables' : 'enables', safeDefault: null }),
    clock,
    writeFile: writeFileAtomic,
    watchFile,
  });
  const provider = options.wrap?.(flagd) ?? flagd;
  const unused = (): never => {
    throw new Error('not part of this test');
  };
  const flags: FlagService = {
    statuses: unused,
    onStatus: unused,
    rows: unused,
    onRows: unused,
    flag: ({ connection, key }) =>
      ({ connection, key, polarity: key.startsWith('ops_disable_') ? 'disables' : 'enables', critical: false, services: [] }) as unknown as Flag,
    onFlag: unused,
    markers: unused,
    onMarker: unused,
    connection: (id) => ({ id, provider, observers: [], refreshMs: null, staleAfterMs: 60_000 }),
    find: unused,
    readNow: (ref, environment, signal) => provider.readFlag(ref.key, environment, signal),
    noteOurChange: async () => {},
    retry: unused,
    settled: unused,
    dispose() {},
  };
  const slis: SliService = {
    statuses: unused,
    onStatus: unused,
    slis: () => [],
    views: () => [],
    view: () => null,
    watch: unused,
    onBreach: unused,
    retry: unused,
    dispose() {},
  };
  const changes = createChangeService({
    flags,
    slis,
    ledger,
    config: configSchema.parse({ version: 1, team: 'test', environments: { production: {} } }),
    environments: [{ name: 'production', tone: 'production', propagationObjectiveMs: 30_000 }],
    clock,
    ids: createIds(() => clock.now()),
    log,
    hash: (value) => sha256Hex(canonicalText(value)),
  });
  return {
    changes,
    ledger,
    provider,
    problems,
    async proposeKill(flag = KEY) {
      const preview = await changes.preview({ action: 'kill', connection: 'local', flag, environment: 'production' }, NEVER);
      return changes.propose(preview.hash, 'p99 tripled');
    },
    async proposeUndo(change: string) {
      return changes.propose((await changes.preview({ action: 'undo', change }, NEVER)).hash, 'it was not the flag');
    },
    close() {
      changes.dispose();
      provider.dispose();
      database.close();
    },
  };
}
