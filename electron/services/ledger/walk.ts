import type { JsonObject } from '../../../shared/model/json.ts';
import { type Claim, claimProblem, claimsOf, type Place } from './claims.ts';
import type { Gap } from './segments.ts';
import type { LedgerRow, Segment } from './store.ts';
import { type ChainVerdict, createChainVerifier, type Expected } from './verify.ts';

/** One chain to be walked. */
export interface WalkedChain {
  readonly device: string;
  /** Oldest first, from the entry after `after` on. */
  rows(after: number): Iterable<LedgerRow | Gap>;
  readonly expected: Expected;
}

export interface WalkVerdict extends ChainVerdict {
  /** What could not be looked at, and is no fault of the chain; null when everything was. */
  readonly told: string | null;
}

/** Verdicts on every chain, by device. */
export type Verdicts = ReadonlyMap<string, WalkVerdict>;

/**
 * Walks chains one after another, and holds them against each other: heads that were countersigned must be there, words
 * that are gone must have been redacted by an entry, and segments sealed by one. Yields after each row, so that a caller
 * may rest.
 */
export function* walkChains(
  chains: Iterable<WalkedChain>,
  own: string | null,
  /** Hash of an entry that was walked; null: not there; undefined: cannot be told, it lies in a file that is gone. */
  hashAt: (device: string, sequence: number) => string | null | undefined,
): Generator<void, Verdicts> {
  const verdicts = new Map<string, WalkVerdict>();
  const told = new Map<string, string>();
  const claims: Claim[] = [];
  const wordless: Place[] = [];
  const gone: Segment[] = [];
  const redacted = new Set<string>();
  const sealed = new Set<string>();

  function look(device: string, row: LedgerRow, data: JsonObject | null): void {
    if (data === null) wordless.push(row);
    else if (data.kind === 'entry.redacted') redacted.add(textOf(data.device, data.sequence, data.hash));
    else if (data.kind === 'segment.sealed') {
      if (device === own) sealed.add(textOf(data.device, data.from, data.to, data.hash, data.digest));
    } else for (const claim of claimsOf(data, device)) claims.push(claim);
  }

  const walked = [...chains].map((chain) => ({
    ...chain,
    verifier: createChainVerifier({ ...chain.expected, device: chain.device }),
  }));

  function take({ device, verifier }: (typeof walked)[number], item: LedgerRow | Gap): boolean {
    if (!('segment' in item)) return verifier.take(item, (data) => look(device, item, data));
    const { segment, altered, kept } = item;
    const entries = `entries ${segment.from} to ${segment.to}`;
    if (altered) return verifier.fail(`and those up to ${segment.to} lie in ${segment.file}, which was altered`);
    told.set(device, `${entries} lie in ${segment.file}, which is not there: they were not looked at`);
    gone.push(segment);
    return verifier.skip(segment, kept, (row, data) => look(device, row, data));
  }

  for (const chain of walked) {
    for (const item of chain.rows(0)) {
      if (!take(chain, item)) break;
      yield;
    }
  }
  // What came while it rested: all chains are then of one moment, and can be held against each other.
  for (const chain of walked) {
    if (!chain.verifier.failed()) {
      for (const item of chain.rows(chain.verifier.end().entries)) if (!take(chain, item)) break;
    }
    verdicts.set(chain.device, { ...chain.verifier.end(), told: told.get(chain.device) ?? null });
  }

  /** The first thing that is wrong stays. */
  function fault(device: string, sequence: number, what: string): void {
    const verdict = verdicts.get(device) ?? { device, entries: 0, hash: '', problem: null, told: null };
    if (verdict.problem === null) verdicts.set(device, { ...verdict, problem: { sequence, what } });
  }

  for (const { device, from, to, hash, digest } of gone) {
    if (sealed.has(textOf(device, from, to, hash, digest))) continue;
    fault(device, from, `is gone, with those up to ${to}, and no entry says that they were sealed`);
  }
  for (const { device, sequence, hash } of wordless) {
    if (redacted.has(textOf(device, sequence, hash))) continue;
    fault(device, sequence, 'has lost its words, and no entry says that they were redacted');
  }
  for (const claim of claims) {
    const held = hashAt(claim.device, claim.sequence);
    const what = claimProblem(claim, own, held);
    const sequence = held === null ? (verdicts.get(claim.device)?.entries ?? 0) + 1 : claim.sequence;
    if (what !== null) fault(claim.device, sequence, what);
  }
  return verdicts;
}

function textOf(...parts: unknown[]): string {
  return parts.map(String).join(':');
}
