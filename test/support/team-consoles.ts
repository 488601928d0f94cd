import type { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../electron/platform/clock.ts';
import { createLedgerStore, openDataFolderDatabase } from '../../electron/platform/sqlite/ledger-store.ts';
import { createPostgresTeamStore } from '../../electron/providers/team/postgres/index.ts';
import type { Chains, Trust } from '../../electron/services/ledger/api.ts';
import { createLedger } from '../../electron/services/ledger/ledger.ts';
import type { LedgerRow, LedgerStore, Signer } from '../../electron/services/ledger/store.ts';
import type { TeamService } from '../../electron/services/team/api.ts';
import type { TeamStore } from '../../electron/services/team/store.ts';
import { createTeamService } from '../../electron/services/team/team-service.ts';
import { newSigner } from './ledger.ts';
import { waitFor } from './processes.ts';
import { type TempFolder, tempFolder } from './temp.ts';

export interface TeamConsole {
  readonly device: string;
  readonly signer: Signer;
  readonly ledger: ReturnType<typeof createLedger>;
  readonly service: TeamService;
  /** Lines of its log. */
  readonly lines: readonly string[];
  /** `device sequence what` of each row that was refused. */
  readonly refused: readonly string[];
  note(text: string): void;
  /** Every row of every chain that it holds, as text. */
  union(): string[];
  /** Ends it as a quit does; its folder and its key stay for `startAgain`. */
  end(): void;
  startAgain(more?: Partial<ConsoleOptions>): TeamConsole;
}

export interface ConsoleOptions {
  readonly url: string;
  readonly schema: string;
  readonly pollMs?: number;
  readonly trust?: Trust;
  /** Stands between the service and the real store. */
  readonly wrap?: (store: TeamStore) => TeamStore;
  readonly folder?: TempFolder;
  readonly signer?: Signer;
}

export const EVERYBODY: Trust = { knowsDevice: () => true, signedBy: () => true };
const live = new Set<TeamConsole>();
const folders: TempFolder[] = [];

/** A console without its page: the real ledger over SQLite in a folder of its own, the real service and store. */
export function startConsole(options: ConsoleOptions): TeamConsole {
  const { url, schema, pollMs = 15_000, trust = EVERYBODY, wrap = (store: TeamStore) => store } = options;
  const folder = options.folder ?? tempFolder('team');
  if (options.folder === undefined) folders.push(folder);
  const signer = options.signer ?? newSigner();
  const lines: string[] = [];
  const refused: string[] = [];
  const write =
    (level: string) =>
    (event: string, fields = {}): void =>
      void lines.push(JSON.stringify({ level, event, ...fields }));
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const clock = systemClock(log);
  const database: DatabaseSync = openDataFolderDatabase(folder.path);
  const store: LedgerStore = createLedgerStore(database);
  const ledger = createLedger({ store, signer, clock, product: 'scram 0.0.0-test', log });
  const service = createTeamService({
    store: wrap(createPostgresTeamStore({ connectionString: url, schema, clock, log })),
    chains: ledger,
    trust,
    ledger,
    device: ledger.device,
    pollMs,
    clock,
    log,
    onQuarantine: ({ row, what }) => void refused.push(`${row.device} ${row.sequence} ${what}`),
  });
  let ended = false;
  const own: TeamConsole = {
    device: ledger.device,
    signer,
    ledger,
    service,
    lines,
    refused,
    note: (text) => void ledger.append({ kind: 'note.added', text, incident: null }),
    union: () => [...ledger.heads().keys()].sort().flatMap((device) => rowsOf(ledger, device).map(textOf)),
    end() {
      if (ended) return;
      ended = true;
      live.delete(own);
      service.dispose();
      ledger.dispose();
      database.close();
    },
    startAgain(more = {}) {
      own.end();
      return startConsole({ ...options, ...more, folder, signer });
    },
  };
  live.add(own);
  return own;
}

export function endConsoles(): void {
  for (const console_ of [...live]) console_.end();
  for (const folder of folders.splice(0)) folder.remove();
}

export function rowsOf(chains: Chains, device: string): readonly LedgerRow[] {
  return chains.rowsAfter(device, 0, 1_000_000);
}

/** Columns in one order: what differs in anything but that differs. */
export function textOf(row: LedgerRow): string {
  const { device, sequence, atMs, hash, signature, body, data } = row;
  return JSON.stringify([device, sequence, atMs, hash, signature, body, data]);
}

/** Waits until every console holds the same rows, byte for byte, with at least `entries` of them. Returns them. */
export async function whenAlike(
  consoles: readonly TeamConsole[],
  entries: number,
  deadlineMs = 60_000,
): Promise<string[]> {
  return waitFor(
    `${consoles.length} consoles hold the same ${entries} entries (now ${consoles.map(sizeOf).join(', ')})`,
    () => {
      const sizes = consoles.map(sizeOf);
      if (sizes.some((size) => size !== sizes[0]) || (sizes[0] ?? 0) < entries) return null;
      const [first, ...others] = consoles.map((console_) => console_.union());
      return others.every((other) => other.join('\n') === first?.join('\n')) ? first : null;
    },
    { deadlineMs },
  );
}

function sizeOf({ ledger }: TeamConsole): number {
  let size = 0;
  for (const { sequence } of ledger.heads().values()) size += sequence;
  return size;
}
