import type { Drift } from '../../../shared/model/drift.ts';
import {
  type Answer,
  type ActualState,
  driftOf,
  driftText,
  type Intent,
  intentOf,
  type MadeChange,
  placeId,
  placesOf,
  type SeenPlace,
} from '../../../shared/rules/drift.ts';
import { variantForAll, variantInUse } from '../../../shared/rules/expectation.ts';
import type { FlagConnection, FlagService, HeldFlag, HeldFlags } from '../flags/api.ts';
import type { Clock } from '../ports.ts';
import type { Candidates } from './asked-keys.ts';
import type { DriftJournal } from './journal.ts';
import type { LookOut } from './look-out.ts';
import type { MadeChanges } from './made-changes.ts';

/** A flag that changed this lately is looked at where looks are dear, milliseconds. */
const RECENT_MS = 60 * 60_000;

export interface AreaPorts {
  readonly flags: Pick<FlagService, 'held'>;
  readonly made: MadeChanges;
  readonly journal: DriftJournal;
  readonly clock: Clock;
  readonly device: string;
}

/** What is remembered of a flag about which something is, or lately was, not as it should be. */
interface Suspect {
  /** Names what is meant: places start anew when it is another. */
  readonly meant: string;
  readonly startMs: number | null;
  differsSinceMs: number | null;
  places: Map<string, SeenPlace>;
  drift: Drift | null;
}

/** Drift of the flags of one connection in one environment. */
export class Area {
  readonly connection: FlagConnection;
  readonly environment: string;
  readonly lookOuts: readonly LookOut[];
  readonly #ports: AreaPorts;
  readonly #graceMs: number;
  readonly #objectiveMs: number;
  /** Keys that services list. */
  readonly #listed: ReadonlySet<string>;
  readonly #made: ReadonlyMap<string, MadeChange>;
  /** Drifts that the ledger has as open. */
  readonly #open: ReadonlyMap<string, number>;
  readonly #suspects = new Map<string, Suspect>();

  constructor(
    connection: FlagConnection,
    environment: string,
    options: { lookOuts: readonly LookOut[]; objectiveMs: number; listed: ReadonlySet<string>; ports: AreaPorts },
  ) {
    this.connection = connection;
    this.environment = environment;
    this.lookOuts = options.lookOuts;
    this.#ports = options.ports;
    this.#objectiveMs = options.objectiveMs;
    this.#graceMs = Math.max(options.objectiveMs, connection.refreshMs ?? 0);
    this.#listed = options.listed;
    this.#made = options.ports.made.of(connection.id, environment);
    this.#open = options.ports.journal.open(connection.id, environment);
  }

  drifts(): Drift[] {
    return [...this.#suspects.values()].flatMap(({ drift }) => (drift ? [drift] : []));
  }

  /** Flags that an observer is worth asking for: those of which it is known what everybody should get. */
  candidates(bulk: boolean): Candidates {
    const nowMs = this.#ports.clock.now();
    const { flags } = this.#held();
    const urgent = new Set<string>();
    const others = new Set<string>();
    for (const [key, held] of flags) {
      const recent = held.changedAtMs !== null && nowMs - held.changedAtMs < RECENT_MS;
      if (!recent && !bulk && !this.#listed.has(key) && !this.#isUrgent(key)) continue;
      if (variantForAll(this.#intent(key, held).state) === null) continue;
      (recent || this.#isUrgent(key) ? urgent : others).add(key);
    }
    return { urgent, others };
  }

  /** Holds every answer of the look-out, and what was suspect before, against what is meant. */
  judge(lookOut: LookOut): void {
    for (const key of new Set([...lookOut.answers.keys(), ...this.#suspects.keys()])) this.evaluate(key);
  }

  /** Only what may have moved without a look: time has passed, the provider was read. */
  judgeSuspects(): void {
    const keys = new Set([...this.#suspects.keys(), ...this.#open.keys()]);
    for (const [key, { after }] of this.#made) if (after.killed) keys.add(key);
    for (const key of keys) this.evaluate(key);
  }

  evaluate(key: string): void {
    const { readAtMs, flags } = this.#held();
    if (readAtMs === null) return;
    const { clock, journal, device } = this.#ports;
    const nowMs = clock.now();
    const held = flags.get(key);
    const at = { connection: this.connection.id, flag: key, environment: this.environment };
    if (held === undefined) {
      this.#forget(key);
      return;
    }
    const known = this.#suspects.get(key);
    const intent = this.#intent(key, held);
    const uses = variantForAll(intent.state);
    const opened = this.#open.get(key) ?? null;
    if (!known && opened === null && !intent.providerDiffers && !this.#isStray(key, held, uses)) return;
    const suspect = this.#suspectOf(key, intent, uses);
    suspect.differsSinceMs = intent.providerDiffers ? (suspect.differsSinceMs ?? nowMs) : null;
    suspect.places = uses === null ? new Map() : this.#places(key, held, uses, suspect);
    const verdict = driftOf({
      ...at,
      nowMs,
      intent: { ...intent, startMs: suspect.startMs },
      actual: actualOf(held),
      actualReadAtMs: nowMs - readAtMs <= this.connection.staleAfterMs ? readAtMs : null,
      device,
      differsSinceMs: suspect.differsSinceMs,
      places: [...suspect.places.values()],
      graceMs: this.#graceMs,
      objectiveMs: this.#objectiveMs,
      keptSinceMs: opened,
      earlier: suspect.drift,
    });
    if (verdict.kind === 'drift') {
      suspect.drift = verdict.drift;
      journal.began(at, verdict.drift.sinceMs, driftText(verdict.drift));
    } else if (verdict.kind === 'unknown') {
      suspect.drift = verdict.drift;
    } else if (suspect.drift !== null || uses === null || this.#haveAllAnswered()) {
      suspect.drift = null;
      journal.ended(at);
      if (isQuiet(suspect)) this.#suspects.delete(key);
    }
  }

  #held(): HeldFlags {
    return this.#ports.flags.held(this.connection.id, this.environment);
  }

  #isUrgent(key: string): boolean {
    return this.#suspects.has(key) || this.#open.has(key);
  }

  #intent(key: string, held: HeldFlag): Intent {
    return intentOf(this.#made.get(key) ?? null, actualOf(held), this.#ports.clock.now());
  }

  /** True when any newest answer is another than what is meant: the one case in which the rest is worth working out. */
  #isStray(key: string, held: HeldFlag, uses: string | null): boolean {
    if (uses === null) return false;
    for (const { answers } of this.lookOuts) {
      for (const seen of answers.get(key) ?? []) {
        const variant: string | null = variantInUse(seen, held.variants, uses);
        if (variant !== null && variant !== uses) return true;
      }
    }
    return false;
  }

  #suspectOf(key: string, intent: Intent, uses: string | null): Suspect {
    const known = this.#suspects.get(key);
    const meant = JSON.stringify([intent.source, intent.change, uses]);
    if (known?.meant === meant) return known;
    const { startMs } = intent;
    const fresh: Suspect = { meant, startMs, differsSinceMs: null, places: new Map(), drift: null };
    this.#suspects.set(key, fresh);
    return fresh;
  }

  #places(key: string, held: HeldFlag, uses: string, suspect: Suspect): Map<string, SeenPlace> {
    const places = new Map<string, SeenPlace>();
    for (const { answers, freshFromMs, name } of this.lookOuts) {
      const named = (answers.get(key) ?? []).map(
        (seen): Answer => ({ ...seen, variant: variantInUse(seen, held.variants, uses) }),
      );
      const { startMs, places: earlier } = suspect;
      const seen = placesOf({ observer: name, answers: named, uses, startMs, freshFromMs, earlier });
      for (const place of seen) places.set(placeId(place), place);
    }
    return places;
  }

  /** An observer that has not answered in this run cannot have shown that what an earlier one saw is over. */
  #haveAllAnswered(): boolean {
    return this.lookOuts.every(({ lastSeenAtMs }) => lastSeenAtMs !== null);
  }

  #forget(key: string): void {
    this.#suspects.delete(key);
    this.#ports.journal.ended({ connection: this.connection.id, flag: key, environment: this.environment });
  }
}

function isQuiet({ places, differsSinceMs }: Suspect): boolean {
  return differsSinceMs === null && [...places.values()].every(({ disagreesSinceMs }) => disagreesSinceMs === null);
}

function actualOf({ state, changedAtMs, changedBy }: HeldFlag): ActualState {
  return { state, changedAtMs, changedBy };
}
