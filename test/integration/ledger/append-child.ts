import { writeSync } from 'node:fs';
import { loadOrCreateDeviceKey } from '../../../electron/platform/crypto.ts';
import { lockDataFolder } from '../../../electron/platform/lock.ts';
import { dataPaths } from '../../../electron/platform/paths.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../../electron/platform/sqlite/ledger-store.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';

/** Appends for ever, and says each entry once it is acknowledged: `sequence hash`. The test kills it. */
const folder = process.argv[2] ?? '';
lockDataFolder(folder, { pid: process.pid, host: 'web', sinceMs: Date.now(), controlSocket: null });
const signer = await loadOrCreateDeviceKey(dataPaths(folder).deviceKey);
const store = createLedgerStore(openDataFolderDatabase(folder));
const ledger = createLedger({ store, signer, clock: Date, product: 'scram 0.0.0-test' });
writeSync(1, 'ready\n');
for (;;) {
  const { body, hash } = ledger.append({
    kind: 'config.loaded',
    source: 'x'.repeat(2000),
    digest: String(Math.random()),
  });
  writeSync(1, `${body.sequence} ${hash}\n`);
}
