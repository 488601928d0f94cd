import { writeFileAtomic } from '../../../electron/platform/files.ts';

/** Writes a file over and over, all `a` then all `b`, until it is killed. */
const file = process.argv[2] ?? '';
process.stdout.write('ready\n');
for (let round = 0; ; round += 1) await writeFileAtomic(file, (round % 2 === 0 ? 'a' : 'b').repeat(300_000));
