/** One measured number, beside what it is compared with in the same run. */
export interface BenchLine {
  readonly id: string;
  readonly value: number;
  readonly unit: string;
  /** What `against` is, in words. */
  readonly compare: string;
  readonly against: number;
  readonly runs: number;
}

export interface Bench {
  readonly id: string;
  /** `quick` measures fewer rounds: it proves that the benchmark runs, its numbers are rough. */
  run(options: { quick: boolean }): Promise<BenchLine[]>;
}
