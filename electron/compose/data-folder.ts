import { existsSync } from 'node:fs';
import { rosterFileSchema, type SignedRoster } from '../../shared/model/operator.ts';
import { ScramError } from '../../shared/model/error.ts';
import { loadDeviceKey, loadOrCreateDeviceKey } from '../platform/crypto.ts';
import { systemClock } from '../platform/clock.ts';
import { createLog, stderrWriter } from '../platform/log.ts';
import { type LockHolder, lockDataFolder } from '../platform/lock.ts';
import { dataPaths, ensureDataFolder } from '../platform/paths.ts';
import { type CacheStore, createCacheStore } from '../platform/sqlite/cache.ts';
import { createLedgerStore, openDataFolderDatabase, openLedgerStoreReadOnly } from '../platform/sqlite/ledger-store.ts';
import { checkAnchor } from '../services/ledger/anchor.ts';
import { anchoredIn } from '../services/ledger/anchored.ts';
import type { LedgerReader } from '../services/ledger/api.ts';
import { exportLines, type ReadExport, readExport } from '../services/ledger/export.ts';
import { createLedger, type WholeLedger } from '../services/ledger/ledger.ts';
import type { LedgerStore, Segment } from '../services/ledger/store.ts';
import { deviceIdOf } from '../services/signing/device-id.ts';
import { createLedgerReader, ownDevice } from '../services/ledger/reader.ts';
import type { Clock, Log } from '../services/ports.ts';
import { checkPeople, type PeopleVerdict } from './people-check.ts';
import { setPracticeAside } from './practice-record.ts';

export interface DataFolder {
  readonly ledger: WholeLedger;
  readonly cache: CacheStore;
  /** Ed25519 SPKI of this device, base64url. */
  readonly devicePublicKey: string;
  close(): void;
}

/** Takes the data folder for this process. Throws `busy` naming who holds it. */
export async function openDataFolder(
  folder: string,
  options: {
    host: LockHolder['host'];
    product: string;
    clock: Clock;
    log: Log;
    /** The configuration is a team's: what was practised in the folder is set aside first. */
    team?: boolean;
  },
): Promise<DataFolder> {
  const paths = ensureDataFolder(folder);
  const lock = lockDataFolder(folder, {
    pid: process.pid,
    host: options.host,
    sinceMs: options.clock.now(),
    controlSocket: paths.controlSocket,
  });
  try {
    const aside = options.team ? setPracticeAside(paths, options.clock.now()) : null;
    if (aside !== null) options.log.warn('practice-record.set-aside', { folder: aside });
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

export interface VerifiedExport extends ReadExport {
  readonly people: PeopleVerdict;
}

/**
 * Verifies an exported ledger given nothing but its lines, and perhaps the text of a roster.json. Throws `invalid-input`
 * when that is none.
 */
export function verifyExportLines(lines: Iterable<string>, rosterText: string | null): VerifiedExport {
  const read = readExport(lines);
  return { ...read, people: checkPeople(read.chains, read.device, rosterText === null ? null : rosters(rosterText)) };
}

function rosters(text: string): readonly SignedRoster[] {
  try {
    return rosterFileSchema.parse(JSON.parse(text)).versions;
  } catch (cause) {
    throw new ScramError('invalid-input', 'the roster is not a roster.json of signed versions', { cause });
  }
}

export interface ReadOnlyLedger {
  readonly reader: LedgerReader;
  /** Holds the chains, once they were verified, against an anchor's line or what was read aloud. */
  checkAnchor(text: string): { ok: boolean; words: string };
  /** Lines of an export that verifies by itself. Throws `not-found` when the device key is gone. */
  exportLines(nowMs: number): Iterable<string>;
  close(): void;
}

/** Whose folder it is, by its key; by what the ledger says of itself where the key is gone. Throws `ledger` when they differ. */
function deviceOf(folder: string, store: LedgerStore): string {
  const own = ownDevice(store);
  const { deviceKey } = dataPaths(folder);
  if (!existsSync(deviceKey)) return own;
  const device = deviceIdOf(loadDeviceKey(deviceKey).publicKey);
  if (device === own) return own;
  throw new ScramError('ledger', `the ledger was written by device ${own}, the key is of ${device}`, {
    action: 'Put back the device.key that belongs to this data folder.',
  });
}

/** Reads the ledger beside the console that writes it. Throws `not-found` when the folder has none. */
export function openLedgerReadOnly(folder: string): ReadOnlyLedger {
  const { store, close } = openLedgerStoreReadOnly(folder);
  try {
    const device = deviceOf(folder, store);
    return {
      reader: createLedgerReader(store, device),
      checkAnchor: (text) => checkAnchor(text, anchoredIn(store)),
      exportLines: (nowMs) => exportLines(store, loadDeviceKey(dataPaths(folder).deviceKey), nowMs),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Seals old entries of a folder that no console holds. Throws `busy` when one does. */
export async function sealLedger(folder: string, product: string, beforeMs: number): Promise<readonly Segment[]> {
  const log = createLog({ write: stderrWriter(), level: 'error' });
  const { ledger, close } = await openDataFolder(folder, { host: 'terminal', product, clock: systemClock(log), log });
  try {
    return await ledger.seal(beforeMs);
  } finally {
    close();
  }
}
