import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE } from '../../support/processes.ts';
import { tempFolder } from '../../support/temp.ts';

const KILLS = 12;
const LENGTH = 300_000;

describe('atomic write under SIGKILL', () => {
  it('never leaves a part: the file is whole whenever the writer dies, and whenever it is read meanwhile', async () => {
    using folder = tempFolder('write-kill');
    const file = folder.at('flags.json');
    writeFileSync(file, 'a'.repeat(LENGTH));
    let reads = 0;
    const expectWhole = () => {
      const text = readFileSync(file, 'utf8');
      expect(text.length).toBe(LENGTH);
      expect(text === 'a'.repeat(LENGTH) || text === 'b'.repeat(LENGTH)).toBe(true);
      reads += 1;
    };
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = spawn(NODE, [path.join(import.meta.dirname, 'write-child.ts'), file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = once(child, 'exit');
      await once(child.stdout, 'data');
      // Spread over the steps of a write, which takes about two milliseconds.
      const until = performance.now() + 5 + kill * 1.7;
      try {
        while (performance.now() < until) expectWhole();
      } finally {
        child.kill('SIGKILL');
        await gone;
      }
      expectWhole();
    }
    expect(reads).toBeGreaterThan(KILLS * 2);
  });
});
