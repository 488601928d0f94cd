import { createHash } from 'node:crypto';
import { ScramError } from '../../../shared/model/error.ts';
import type { Clock, Log } from '../ports.ts';
import type { VaultCopy, VaultFiles } from './files.ts';
import { type Reading, type ReadOptions, readVault } from './read-vault.ts';
import type { Verdict } from './recover.ts';

export interface CopiesPorts extends ReadOptions {
  readonly files: VaultFiles;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly onProblem: (what: string) => void;
}

/** Both copies on disk, and what was told about them. */
export interface Copies {
  reading(copy: VaultCopy): Reading;
  problems(): readonly string[];
  tell(problem: string): void;
  /** Reads both again. What was proved of them before no longer holds. */
  load(): Promise<void>;
  /** From now on these are known to be ours, and need not be set aside before they are replaced. */
  trust(good: Verdict['good']): void;
  /**
   * Writes the vault. `both`: what was there before is to be gone from the previous copy too, or must not exist in one
   * copy alone. Nothing that is not known to be ours is replaced before it was set aside.
   */
  save(text: string, both: boolean): Promise<void>;
  /** Writes the previous copy alone. */
  mend(): Promise<void>;
}

export async function openCopies(ports: CopiesPorts): Promise<Copies> {
  const { files, clock, log } = ports;
  const readings: Record<VaultCopy, Reading> = { current: { state: 'absent' }, previous: { state: 'absent' } };
  const ours: Record<VaultCopy, Uint8Array | null> = { current: null, previous: null };
  const setAside = new Set<string>();
  const problems = (await files.quarantined()).map(keptIn);

  function tell(problem: string): void {
    if (problems.includes(problem)) return;
    problems.push(problem);
    log.warn('vault.problem', { what: problem });
    ports.onProblem(problem);
  }

  function found(copy: VaultCopy, bytes: Uint8Array | null): void {
    readings[copy] = readVault(bytes, ports);
  }

  async function load(): Promise<void> {
    ours.current = null;
    ours.previous = null;
    found('current', await files.read('current'));
    found('previous', await files.read('previous'));
  }

  async function keepForeign(copy: VaultCopy): Promise<void> {
    const bytes = await files.read(copy);
    const known = ours[copy];
    if (bytes === null || (known !== null && Buffer.compare(bytes, known) === 0)) return;
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (setAside.has(digest)) return;
    const name = await files.quarantine(bytes, clock.now());
    setAside.add(digest);
    tell(keptIn(name));
  }

  async function write(copy: VaultCopy, text: string): Promise<void> {
    const bytes = Buffer.from(text, 'utf8');
    await keepForeign(copy);
    try {
      await files.write(copy, text);
    } catch (error) {
      // The write may have failed after the file was replaced: what lies there now is what counts.
      const now = await files.read(copy).catch(() => null);
      if (now === null || Buffer.compare(now, bytes) !== 0) throw error;
      log.warn('vault.written-unsafely', { copy });
    }
    ours[copy] = bytes;
    found(copy, bytes);
  }

  const copies: Copies = {
    reading: (copy) => readings[copy],
    problems: () => [...problems],
    tell,
    load,
    trust(good) {
      for (const copy of ['current', 'previous'] as const) {
        const reading = readings[copy];
        ours[copy] = good[copy] && reading.state === 'read' ? reading.bytes : null;
      }
    },
    async save(text, both) {
      await keepForeign('current');
      const before = ours.current;
      // The previous copy first: a crash between the two leaves the vault in force as it was.
      await write('previous', both || before === null ? text : Buffer.from(before).toString('utf8'));
      await write('current', text);
    },
    async mend() {
      if (ours.current === null) throw new ScramError('internal', 'there is no vault to copy');
      await write('previous', Buffer.from(ours.current).toString('utf8'));
    },
  };
  await load();
  return copies;
}

const keptIn = (name: string): string => `what did not fit the vault is kept in ${name}`;
