import { ScramError } from '../../../shared/model/error.ts';
import type { Operator, Role } from '../../../shared/model/operator.ts';
import { type TestPerson, testDevice, testRoster } from '../../support/people.ts';
import { signDecision } from '../../../electron/services/approvals/statements.ts';
import { type Desk, keysOn, NEVER, Office, type Signer } from './office.ts';

/** Who there is, and what they may: the oracle reads this, and knows nothing of rosters, signatures or hashes. */
const PEOPLE = [
  { id: 'alex', roles: ['responder'] },
  { id: 'bea', roles: ['release-manager'] },
  { id: 'cem', roles: ['approver'] },
  { id: 'dora', roles: ['viewer'] },
  { id: 'eli', roles: ['responder', 'approver'] },
] as const satisfies readonly { id: string; roles: readonly Role[] }[];
const MAKES = new Set(['alex', 'bea', 'eli']);
const APPROVES = new Set(['bea', 'cem', 'eli']);
const FLAGS = ['a', 'b'];
const CONSOLES = 3;
const LIFETIME_MS = 30 * 60_000;

const signers: readonly Signer[] = Array.from({ length: CONSOLES }, testDevice);
const keys = new Map<string, readonly TestPerson[]>(PEOPLE.map(({ id }) => [id, keysOn(id, signers)]));
const keyOf = (person: string, console: number): TestPerson => keys.get(person)?.[console] as TestPerson;
const everyone: Operator[] = [...testRoster(PEOPLE.map(({ id, roles }) => [keys.get(id) ?? [], roles])).operators];

/** What the oracle knows of one decision: who, what, and where in which console's record it stands. */
interface Decided {
  readonly by: string;
  readonly console: number;
  readonly sequence: number;
  readonly approves: boolean;
  /** It names another wish or another console than its request does. */
  readonly astray: boolean;
}

/** One thing that somebody wants done, and what has happened to it. */
interface Wish {
  readonly change: string;
  readonly flag: string;
  readonly console: number;
  readonly by: string;
  /** Share of users when it was previewed: it may only run while that stands. */
  readonly seen: number;
  readonly bornMs: number;
  request: { readonly hash: string; readonly sequence: number } | null;
  readonly decided: Decided[];
  /** Place in its console's record at which another wish took its place. */
  editedAt: number | null;
  begunAt: number | null;
}

/** Mulberry32: a walk is told by its seed alone. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** A walk of a team of five at three consoles, beside an oracle that says what must come of each step. */
export class Walk {
  readonly office = new Office(signers, testRoster(PEOPLE.map(({ id, roles }) => [keys.get(id) ?? [], roles])));
  readonly #random: (below: number) => number;
  readonly #wishes: Wish[] = [];
  readonly #revoked = new Set<string>();
  /** How much of whose record each console holds: `[reader][writer]`. */
  readonly #seen = Array.from({ length: CONSOLES }, () => Array<number>(CONSOLES).fill(0));
  /** What must have been written to the flag system, in order. */
  readonly expected: string[] = [];
  readonly steps: string[] = [];
  executed = 0;
  refused = 0;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  async step(): Promise<void> {
    const roll = this.#random(100);
    if (roll < 20) await this.#ask();
    else if (roll < 38) this.#decide();
    else if (roll < 46) this.#forge();
    else if (roll < 62) this.#replicate();
    else if (roll < 86) await this.#execute();
    else if (roll < 90) this.#crash();
    else if (roll < 94) this.#move();
    else if (roll < 97) this.#revoke();
    else this.#wait();
    this.#agree();
  }

  #agree(): void {
    const { applied } = this.office.system;
    if (applied.join() !== this.expected.join()) throw this.#wrong(`written: ${applied}; expected: ${this.expected}`);
  }

  #wrong(what: string): Error {
    return new Error(`${what}\n${this.steps.join('\n')}`);
  }

  #desk(console: number): Desk {
    return this.office.desks[console] as Desk;
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#random(list.length)];
  }

  #person(): string {
    return PEOPLE[this.#random(PEOPLE.length)]?.id ?? '';
  }

  #sequence(console: number): number {
    return this.#desk(console).ledger.head().entries;
  }

  #sees(reader: number, writer: number, sequence: number | null): boolean {
    return sequence !== null && (reader === writer || sequence <= (this.#seen[reader]?.[writer] ?? 0));
  }

  #inForce(person: string, console: number): boolean {
    return !this.#revoked.has(`${person} ${console}`);
  }

  /** Valid decisions about a wish that a console knows of. */
  #decisions(wish: Wish, at: number): { approved: boolean; refused: boolean } {
    const known = wish.decided.filter(
      ({ by, console, sequence, astray }) =>
        !astray &&
        this.#sees(at, console, sequence) &&
        by !== wish.by &&
        APPROVES.has(by) &&
        this.#inForce(by, console),
    );
    return { approved: known.some(({ approves }) => approves), refused: known.some(({ approves }) => !approves) };
  }

  #alive(wish: Wish, at: number): boolean {
    const { request, editedAt, begunAt, console } = wish;
    if (request === null || !this.#sees(at, console, request.sequence)) return false;
    if (this.#sees(at, console, editedAt) || this.#sees(at, console, begunAt)) return false;
    return this.office.clock.now() < wish.bornMs + LIFETIME_MS && this.#inForce(wish.by, console);
  }

  async #ask(): Promise<void> {
    const console = this.#random(CONSOLES);
    const person = this.#random(3) === 0 ? this.#person() : (this.#pick([...MAKES]) ?? '');
    const flag = this.#pick(FLAGS) ?? '';
    const desk = this.#desk(console);
    const seen = this.office.system.shareOf('production', flag);
    const may = MAKES.has(person) && this.#inForce(person, console) && seen > 0;
    this.steps.push(`${person} at ${console} asks to kill ${flag}: ${may}`);
    const change = await expected(
      may,
      () => desk.propose(flag, keyOf(person, console)),
      (error) => this.#wrong(error),
    );
    if (change === null) return;
    const at = this.#sequence(console);
    // What was open for the same flag on this console is edited by it.
    for (const wish of this.#wishes) {
      const open = wish.request !== null && wish.editedAt === null && wish.begunAt === null;
      if (open && wish.console === console && wish.flag === flag) wish.editedAt = at;
    }
    const wish: Wish = {
      change,
      flag,
      console,
      by: person,
      seen,
      bornMs: this.office.clock.now(),
      request: null,
      decided: [],
      editedAt: null,
      begunAt: null,
    };
    this.#wishes.push(wish);
    // Sometimes nobody is asked: it must then never run.
    if (this.#random(8) === 0) return;
    wish.request = { hash: desk.request(change, keyOf(person, console)), sequence: this.#sequence(console) };
  }

  #decide(): void {
    const wish = this.#pick(this.#wishes.filter(({ request }) => request !== null).slice(-3));
    if (wish?.request == null) return;
    const console = this.#random(3) === 0 ? this.#random(CONSOLES) : wish.console;
    const person = this.#random(2) === 0 ? this.#person() : (this.#pick([...APPROVES]) ?? '');
    const approves = this.#random(6) > 0;
    const before = this.#decisions(wish, console);
    const may =
      this.#alive(wish, console) &&
      !before.approved &&
      !before.refused &&
      person !== wish.by &&
      APPROVES.has(person) &&
      this.#inForce(person, console);
    const { hash } = wish.request;
    this.steps.push(`${person} at ${console} ${approves ? 'approves' : 'refuses'} ${hash.slice(0, 6)}: ${may}`);
    const act = () => {
      this.#desk(console).approvals.decide(hash, approves ? 'approve' : 'refuse', '', keyOf(person, console));
      return true;
    };
    try {
      act();
    } catch (error) {
      if (may || !(error instanceof ScramError)) throw this.#wrong(`a decision that must be taken was not: ${error}`);
      this.refused += 1;
      return;
    }
    if (!may) throw this.#wrong('a decision was taken that must not be');
    wish.decided.push({ by: person, console, sequence: this.#sequence(console), approves, astray: false });
  }

  /** A decision that goes around the service, straight into a console's record: real, in another's name, of another wish. */
  #forge(): void {
    const open = this.#wishes.filter(({ request }) => request !== null).slice(-3);
    const wish = this.#pick(open);
    const other = this.#pick(open);
    if (wish?.request == null || other?.request == null) return;
    const console = this.#random(CONSOLES);
    const by = this.#person();
    const signs = this.#random(3) === 0 ? this.#person() : by;
    const subject = this.#random(3) === 0 ? other.change : wish.change;
    const device = this.#desk(this.#random(4) === 0 ? this.#random(CONSOLES) : wish.console).device;
    const approves = this.#random(3) > 0;
    const decision = signDecision(
      {
        version: 1,
        request: wish.request.hash,
        subject: { kind: 'change', hash: subject },
        environment: 'production',
        device,
        decision: approves ? 'approve' : 'refuse',
        reason: '',
        by: keyOf(by, console).person,
        atMs: this.office.clock.now(),
        // For ever, if anybody believed it.
        expiresAtMs: this.office.clock.now() + 1_000 * LIFETIME_MS,
      },
      keyOf(signs, console),
    );
    this.#desk(console).ledger.append({ kind: 'approval.decided', decision }, keyOf(signs, console));
    const astray = subject !== wish.change || device !== this.#desk(wish.console).device;
    this.steps.push(
      `${signs} at ${console} writes that ${by} decided ${wish.request.hash.slice(0, 6)}${astray ? ', astray' : ''}`,
    );
    if (signs !== by) return;
    wish.decided.push({ by, console, sequence: this.#sequence(console), approves, astray });
  }

  /** Some of another console's record, in any order and some of it twice. */
  #replicate(): void {
    const [reader, writer] = [this.#random(CONSOLES), this.#random(CONSOLES)];
    if (reader === writer) return;
    const [to, from] = [this.#desk(reader), this.#desk(writer)];
    const have = to.ledger.heads().get(from.device)?.sequence ?? 0;
    const rows = [...from.ledger.rowsAfter(from.device, Math.max(0, have - this.#random(3)), 1 + this.#random(12))];
    if (this.#random(3) === 0) rows.reverse();
    if (this.#random(3) === 0) rows.push(...rows.slice(0, 2));
    const { refused } = to.ledger.receive(rows, this.office.trust);
    if (refused.length > 0) throw this.#wrong(`an honest entry was refused: ${refused[0]?.what}`);
    const seen = to.ledger.heads().get(from.device)?.sequence ?? 0;
    (this.#seen[reader] as number[])[writer] = seen;
    this.steps.push(`${reader} holds ${seen} of ${writer}`);
  }

  /** Whether it must run now, by somebody, at the console that it was asked for at. */
  #allowed(wish: Wish, person: string): boolean {
    if (!MAKES.has(person) || !this.#inForce(person, wish.console)) return false;
    const { approved, refused } = this.#decisions(wish, wish.console);
    return this.#alive(wish, wish.console) && approved && !refused;
  }

  async #execute(): Promise<void> {
    // Mostly what is fresh; now and then something long forgotten.
    const wish = this.#pick(this.#random(4) === 0 ? this.#wishes : this.#wishes.slice(-2));
    if (wish === undefined) return;
    // Mostly where it may, sometimes at a console that has only heard of it.
    const console = this.#random(6) === 0 ? this.#random(CONSOLES) : wish.console;
    const person = this.#random(3) === 0 ? this.#person() : wish.by;
    const begins = console === wish.console && wish.begunAt === null && this.#allowed(wish, person);
    const stands = this.office.system.shareOf('production', wish.flag) === wish.seen;
    const writes = begins && stands;
    const crash = begins ? this.#random(6) : 9;
    this.steps.push(`${person} at ${console} executes ${wish.change.slice(0, 6)}: ${begins}/${writes} ${crash}`);
    const desk = this.#desk(console);
    if (writes && crash <= 1) return this.#crashWhile(wish, desk, person, crash === 0 ? 'before' : 'after');
    try {
      await desk.changes.execute(wish.change, NEVER, keyOf(person, console));
    } catch (error) {
      if (writes || !(error instanceof ScramError)) throw this.#wrong(`an approved change did not run: ${error}`);
      this.refused += 1;
    }
    if (begins) wish.begunAt = this.#sequence(console);
    if (!writes) return;
    this.#written(wish);
  }

  /** The process ends between the intent and the result; what became of it is found out by reading. */
  async #crashWhile(wish: Wish, desk: Desk, person: string, when: 'before' | 'after'): Promise<void> {
    const { hooks } = this.office.system;
    const reached = Promise.withResolvers<void>();
    hooks[when] = () => {
      reached.resolve();
      return new Promise(() => {});
    };
    desk.changes.execute(wish.change, NEVER, keyOf(person, wish.console)).catch(() => undefined);
    await reached.promise;
    hooks[when] = async () => {};
    desk.crash();
    await desk.changes.reconcile(NEVER);
    wish.begunAt = this.#sequence(wish.console);
    if (when === 'after') this.#written(wish);
  }

  #written(wish: Wish): void {
    this.executed += 1;
    this.expected.push(`production/${wish.flag}`);
    if (this.office.system.shareOf('production', wish.flag) !== 0) throw this.#wrong('accepted, and not written');
  }

  #crash(): void {
    const console = this.#random(CONSOLES);
    this.steps.push(`${console} crashes`);
    this.#desk(console).crash();
  }

  /** Somebody else changes the flag where it is managed. */
  #move(): void {
    const flag = this.#pick(FLAGS) ?? '';
    const share = [20, 20, 50][this.#random(3)] ?? 20;
    this.steps.push(`${flag} moves to ${share}`);
    this.office.system.move('production', flag, share);
  }

  /** One key goes out of the roster, or comes back into it. */
  #revoke(): void {
    const name = `${this.#person()} ${this.#random(CONSOLES)}`;
    if (!this.#revoked.delete(name)) this.#revoked.add(name);
    this.steps.push(`the roster changes for ${name}`);
    this.office.roster = testRoster(
      PEOPLE.map(({ id, roles }) => [(keys.get(id) ?? []).filter((_, console) => this.#inForce(id, console)), roles]),
      everyone,
    );
  }

  #wait(): void {
    const minutes = [1, 5, 31][this.#random(3)] ?? 1;
    this.steps.push(`${minutes} min pass`);
    this.office.clock.jump(minutes * 60_000);
  }

  end(): void {
    const done = this.#wishes.filter(({ begunAt }) => begunAt !== null).length;
    if (this.executed > done) throw this.#wrong('more was written than was begun');
    this.office.stop();
  }
}

async function expected<T>(may: boolean, run: () => Promise<T>, wrong: (what: string) => Error): Promise<T | null> {
  try {
    const made = await run();
    if (!may) throw wrong('it was taken, and must not be');
    return made;
  } catch (error) {
    if (may || !(error instanceof ScramError)) throw wrong(String(error));
    return null;
  }
}
