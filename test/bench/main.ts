import { parseArgs } from 'node:util';
import type { Bench, BenchLine } from './bench.ts';
import { benches as kill } from './kill.ts';
import { benches as ledger } from './ledger.ts';
import { benches as page } from './page.ts';
import { benches as team } from './team-latency.ts';
import { benches as timeline } from './timeline.ts';
import { benches as unleash } from './unleash.ts';
import { benches as unlock } from './unlock.ts';

/** `npm run bench -- [--json] [--only ID] [--quick]`: prints one line for each figure. */
const { values } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' }, quick: { type: 'boolean' } },
});
const all = [...ledger, ...kill, ...page, ...unleash, ...team, ...unlock, ...timeline];
const chosen = values.only === undefined ? all : named(values.only);
if (chosen.length === 0) {
  console.error(`there is no benchmark «${values.only}»; there are: ${all.map((bench) => bench.id).join(', ')}`);
  process.exit(2);
}

/** A line's id begins with its benchmark's; ids may themselves begin with another's, and then the longest is meant. */
function named(only: string): Bench[] {
  const found = all.filter(({ id }) => only === id || only.startsWith(`${id}:`));
  const longest = Math.max(...found.map(({ id }) => id.length));
  return found.filter(({ id }) => id.length === longest);
}

function print(line: BenchLine): void {
  const round = (value: number) => Number(value.toPrecision(5));
  const rounded = { ...line, value: round(line.value), against: round(line.against) };
  if (values.json) console.log(JSON.stringify(rounded));
  else
    console.log(`${line.id}: ${rounded.value} ${line.unit} (${line.compare}: ${rounded.against}; runs: ${line.runs})`);
}

for (const bench of chosen) {
  for (const line of await bench.run({ quick: values.quick === true })) print(line);
}
