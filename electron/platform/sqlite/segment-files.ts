import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LedgerStore } from '../../services/ledger/store.ts';
import { writeFileAtomic } from '../files.ts';

const NAME = /^[0-9a-f]{32}-\d+-\d+\.jsonl$/;

/** Files of sealed segments (D6), in a folder beside the database. */
export function segmentFiles(folder: string): Pick<LedgerStore, 'readSegment' | 'writeSegment'> {
  // Names are read from the database: one that was tampered with must not lead elsewhere.
  const at = (file: string): string | null => (NAME.test(file) ? path.join(folder, file) : null);
  return {
    readSegment(file) {
      const place = at(file);
      if (place === null) return null;
      try {
        return readFileSync(place, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    async writeSegment(file, text) {
      const place = at(file);
      if (place === null) throw new Error(`${file} is no name of a segment`);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomic(place, text, { mode: 0o600 });
    },
  };
}
