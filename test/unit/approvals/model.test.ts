import { expect, it } from 'vitest';
import { Walk } from './model.ts';

const SEQUENCES = Number(process.env.SCRAM_WALKS ?? 10_000);
const STEPS = 24;
const FIRST = Number(process.env.SCRAM_SEED ?? Math.floor(Math.random() * 2 ** 31));

it(`D1, D8, D11: ${SEQUENCES} walks of five people at three consoles: nothing runs without a valid second person, nothing is lost, nothing runs twice`, async () => {
  let executed = 0;
  let refused = 0;
  for (let index = 0; index < SEQUENCES; index += 1) {
    const seed = (FIRST + index) >>> 0;
    const walk = new Walk(seed);
    try {
      for (let step = 0; step < STEPS; step += 1) await walk.step();
      walk.end();
    } catch (error) {
      throw new Error(`walk of seed ${seed} (SCRAM_SEED=${seed} SCRAM_WALKS=1)`, { cause: error });
    }
    executed += walk.executed;
    refused += walk.refused;
  }
  console.log(`seeds ${FIRST} to ${FIRST + SEQUENCES - 1}: ${executed} executed, ${refused} refused`);
  // Walks that never execute prove nothing.
  expect(executed).toBeGreaterThan(SEQUENCES / 10);
  expect(refused).toBeGreaterThan(SEQUENCES);
}, 900_000);
