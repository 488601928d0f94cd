import { loadDeviceKey, loadOrCreateDeviceKey } from '../platform/crypto.ts';
import { type LockHolder, lockDataFolder } from '../platform/lock.ts';
import { dataPaths, ensureDataFolder } from '../platform/paths.ts';
import { type CacheStore, createCacheStore } from '../platform/sqlite/cache.ts';
import { createLedgerStore, openDataFolderDatabase, openLedgerStoreReadOnly } from '../platform/sqlite/ledger-store.ts';
import type { Chains, Ledger, LedgerReader, StepVerifier } from '../services/ledger/api.ts';
import { exportLines, verifyExport } from '../services/ledger/export.ts';
import { createLedger } from '../services/ledger/ledger.ts';
import { createLedgerReader, ownDevice } from '../services/ledger/reader.ts';
import type { ChainVerdict } from '../services/ledger/verify.ts';
import type { Clock, Log } from '../services/ports.ts';

export interface DataFolder {
  readonly ledger: Ledger & Chains & StepVerifier;
  readonly cache: CacheStore;
  /** Ed25519 SPKI of this device, base64url. */
  readonly devicePublicKey: string;
  close(): void;
}

/** Takes the data folder for this process. Throws `busy` naming who holds it. */
export async function openDataFolder(
  folder: string,
  options: { host: LockHolder['host']; product: string; clock: Clock; log: Log },
): Promise<DataFolder> {
  const paths = ensureDataFolder(folder);
  const lock = lockDataFolder(folder, {
    pid: process.pid,
    host: options.host,
    sinceMs: options.clock.now(),
    controlSocket: paths.controlSocket,
  });
  try {
    const database = openDataFolderDatabase(folder);
    const signer = await loadOrCreateDeviceKey(paths.deviceKey);
    const { clock, log, product } = options;
    const ledger = createLedger({ store: createLedgerStore(database), signer, clock, product, log });
    return {
      ledger,
      cache: createCacheStore(database),
      devicePublicKey: signer.publicKey,
      close() {
        ledger.dispose();
        database.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Verifies an exported ledger given nothing but its lines. */
export const verifyExportLines = (lines: Iterable<string>): ChainVerdict => verifyExport(lines);

export interface ReadOnlyLedger {
  readonly reader: LedgerReader;
  /** Lines of an export that verifies by itself. Throws `not-found` when the device key is gone. */
  exportLines(nowMs: number): Iterable<string>;
  close(): void;
}

/** Reads the ledger beside the console that writes it. Throws `not-found` when the folder has none. */
export function openLedgerReadOnly(folder: string): ReadOnlyLedger {
  const { store, close } = openLedgerStoreReadOnly(folder);
  try {
    const device = ownDevice(store);
    return {
      reader: createLedgerReader(store, device),
      exportLines: (nowMs) => exportLines(store, loadDeviceKey(dataPaths(folder).deviceKey), nowMs),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
