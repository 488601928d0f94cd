import { defineConfig } from 'vitest/config';

const project = (name: string, timeoutMs: number, parallel = true) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    fileParallelism: parallel,
    sequence: { shuffle: false },
  },
});

/** Browser tests run file by file: what a person waits for is part of what they check. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', 10_000),
      project('contract', 30_000),
      project('security', 60_000),
      project('integration', 120_000),
      project('e2e', 180_000, false),
    ],
  },
});
