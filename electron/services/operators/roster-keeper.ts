import { type Operator, type RosterBody, rosterFileSchema, type SignedRoster } from '../../../shared/model/operator.ts';
import type { Entry } from '../../../shared/model/entry.ts';
import type { Ledger } from '../ledger/api.ts';
import type { Disposable } from '../ports.ts';
import type { Roster } from './api.ts';
import { readPublicKey } from '../signing/public-key.ts';
import { resolveRoster, rosterHash, rosterOf } from './roster.ts';

export interface RosterFilePort {
  readonly path: string;
  /** Null when there is none. */
  read(): string | null;
  write(text: string): Promise<void>;
}

export interface RosterSource {
  readonly team: string;
  readonly operators: readonly Operator[];
  /** Nobody signs practice operators: they are in force as they are. */
  readonly practice: boolean;
  readonly file: RosterFilePort | null;
}

/** Holds the rosters that this console accepted, and finds the one in force from file, record and other consoles. */
export class RosterKeeper implements Disposable {
  readonly #ledger: Ledger;
  readonly #accepted: SignedRoster[] = [];
  readonly #others: SignedRoster[] = [];
  readonly #following: Disposable;
  #pinned: string | null = null;
  #versions: readonly SignedRoster[] = [];
  #problem: string | null = null;
  /** What was last told as refused: it is told once. */
  #refused: string | null = null;

  constructor(ledger: Ledger, onFromElsewhere: () => void) {
    this.#ledger = ledger;
    for (const entry of ledger.of(['roster.pinned', 'roster.accepted'])) this.#note(entry);
    this.#following = ledger.onAppend((entry) => {
      if (entry.body.device === ledger.device || entry.body.data.kind !== 'roster.accepted') return;
      this.#note(entry);
      onFromElsewhere();
    });
  }

  /** The key that every roster follows from, as text; null when nothing is pinned. */
  get pinned(): string | null {
    return this.#pinned;
  }

  /** Every version in force so far, oldest first. */
  get versions(): readonly SignedRoster[] {
    return this.#versions;
  }

  get newest(): RosterBody | null {
    return this.#versions.at(-1)?.body ?? null;
  }

  /** Why something that was found is not in force, in words; null when nothing is wrong. */
  get problem(): string | null {
    return this.#problem;
  }

  resolve({ team, operators, practice, file }: RosterSource): Roster {
    if (practice) {
      this.#versions = [];
      this.#problem = null;
      return rosterOf(true, { version: 1, operators }, []);
    }
    const read = file === null ? { versions: null, problem: null } : readFile(file);
    const { versions, fresh, problem } = resolveRoster({
      accepted: this.#accepted,
      file: read.versions,
      others: this.#others,
    });
    this.#versions = versions;
    this.#problem = read.problem ?? problem;
    this.#record(fresh);
    const newest = this.newest;
    if (newest !== null && newest.team !== team) {
      this.#problem = `scram.yaml is of team ${team}, the roster in force is of ${newest.team}: an admin signs the new name, or this is another team's configuration`;
    }
    // Taking the operators out of scram.yaml takes nobody's second person away.
    const enforced = operators.length > 0 || newest !== null;
    return rosterOf(
      enforced,
      { version: newest?.version ?? 0, operators: newest?.operators ?? [] },
      versions.map(({ body }) => body.operators),
      versions.map(({ body }) => body),
    );
  }

  dispose(): void {
    this.#following.dispose();
  }

  #note({ body: { device, data } }: Entry): void {
    const own = device === this.#ledger.device;
    if (data.kind === 'roster.accepted') (own ? this.#accepted : this.#others).push(data.roster);
    if (data.kind === 'roster.pinned' && own) this.#pinned = data.publicKey;
  }

  /** What is new in force becomes part of the record, so that it can never be taken back unseen. */
  #record(fresh: readonly SignedRoster[]): void {
    const root = this.#versions[0]?.body;
    if (this.#pinned === null && root !== undefined) {
      const texts = root.operators.find(({ id }) => id === root.signedBy.operator)?.publicKeys ?? [];
      const key = texts.find((text) => readPublicKey(text)?.id === root.signedBy.key);
      if (key !== undefined) {
        this.#pinned = key;
        this.#ledger.append({ kind: 'roster.pinned', signedBy: root.signedBy, publicKey: key });
      }
    }
    for (const one of fresh) {
      this.#accepted.push(one);
      this.#ledger.append({ kind: 'roster.accepted', roster: one, hash: rosterHash(one.body) });
    }
    const problem = this.#problem;
    if (problem !== null && problem !== this.#refused) {
      this.#ledger.append({ kind: 'roster.refused', version: (this.newest?.version ?? 0) + 1, why: problem });
    }
    this.#refused = problem;
  }
}

function readFile(file: RosterFilePort): { versions: readonly SignedRoster[] | null; problem: string | null } {
  try {
    const text = file.read();
    if (text === null) return { versions: null, problem: null };
    const parsed = rosterFileSchema.safeParse(JSON.parse(text));
    if (parsed.success) return { versions: parsed.data.versions, problem: null };
    const place = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
    return { versions: null, problem: `roster.json is no roster (at ${place})` };
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is no JSON' : error instanceof Error ? error.message : 'unknown';
    return { versions: null, problem: `roster.json cannot be read: ${why}` };
  }
}
