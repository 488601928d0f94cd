import type { ApprovalItem, ApprovalSubject, BreakGlassItem, DecisionBody } from '../../../shared/model/approval.ts';
import type { Change, PolicyDemand } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Role } from '../../../shared/model/operator.ts';
import { strictest } from '../../../shared/rules/policy.ts';
import { policyOf } from '../../../shared/rules/policy-terms.ts';
import { whyNotDecide } from '../../../shared/rules/four-eyes.ts';
import { MAKERS, mayApprove, mayBreakGlass, mayMake } from '../../../shared/rules/roles.ts';
import { isVouched } from '../../../shared/rules/vouched.ts';
import type { Actor } from '../signing/actor.ts';
import type { Disposable } from '../ports.ts';
import type { ApprovalService, Permit } from './api.ts';
import { createBundles } from './bundles.ts';
import { isOpen, permitFrom } from './judge.ts';
import { glassItem, itemOf } from './items.ts';
import type { ApprovalPorts } from './ports.ts';
import { ApprovalRecords, type RequestRecord, type Vouched } from './projection.ts';
import { requestHolds, signDecision, signRequest } from './statements.ts';

/** How long an approval may take, and holds, unless policy says otherwise; milliseconds. */
export const APPROVAL_LIFETIME_MS = 30 * 60_000;
/** Ended requests that the view still lists. */
const ENDED_SHOWN = 30;
/** Pace at which expiry is looked for, so that the lists tell it, milliseconds. */
const LOOK_MS = 5_000;

/** Request, approval, execution, each bound to exactly one change (D1, D4, D11), and what goes around them (D3). */
export function createApprovalService(ports: ApprovalPorts): ApprovalService {
  const { ledger, clock, log } = ports;
  const vouched: Vouched = ({ body }, right, sinceMs) => isVouched(ports.roster(), ledger.device, body, right, sinceMs);
  // Every entry, of whatever kind: their times tell how far our clock had come.
  const records = new ApprovalRecords(ledger.device, ports.hash, vouched, ledger.all());
  const listeners = new Set<() => void>();
  const bundles = createBundles(ports, records);
  const glassAllowed = Object.entries(ports.policy).flatMap(([environment, { breakGlass: terms }]) =>
    terms?.allowed ? [{ environment, forMs: terms.for, reviewWithinMs: terms.reviewWithin }] : [],
  );
  let shown = '';
  const following = ledger.onAppend((entry) => {
    const { data, device } = entry.body;
    const news = records.apply(entry);
    // What the approval was given for is no longer what would be done (D11).
    if (device === ledger.device && data.kind === 'change.proposed')
      endWhere((change) => isReplacedBy(change, data.change), 'edited');
    if (device === ledger.device && data.kind === 'flag.seen-changed') {
      const { marker, revision } = data;
      endWhere(
        ({ payload }) =>
          payload.flag === marker.subject &&
          payload.connection === marker.connection &&
          payload.environment === marker.environment &&
          payload.before.revision !== revision,
        'moved',
      );
    }
    if (news) tell();
  });
  records.observe(clock.now());
  const looking = clock.every(LOOK_MS, () => {
    records.observe(clock.now());
    endGlass();
    const now = stateText();
    if (now !== shown) tell();
  });

  /** That the time of broken glass is over is part of the record, and told, though nobody ended it (D3). */
  function endGlass(): void {
    for (const { glass: one, endedAtMs } of [...records.glasses.values()]) {
      const over = records.timeFor(one.id, clock.now()) >= one.untilMs;
      if (over && endedAtMs === null && one.device === ledger.device)
        ledger.append({ kind: 'breakglass.ended', id: one.id });
    }
  }

  function tell(): void {
    shown = stateText();
    for (const listener of [...listeners]) listener();
  }

  function stateText(): string {
    const items = [...records.requests.values()].map((record) =>
      isOver(record) ? '' : (itemOf(ports, records, record)?.state ?? ''),
    );
    return [...items, ...glass().map(({ state }) => state)].join();
  }

  /** Whatever was decided: signatures of years need not be checked again each time somebody looks. */
  function isOver({ request: { hash, body }, used, ended }: RequestRecord): boolean {
    return used || ended !== null || records.timeFor(hash, clock.now()) >= body.expiresAtMs;
  }

  function open(): RequestRecord[] {
    return [...records.requests.values()].filter(({ ended, used, request }) => {
      return ended === null && !used && request.body.device === ledger.device;
    });
  }

  function endWhere(test: (change: Change) => boolean, end: 'edited' | 'moved'): void {
    for (const { request } of open()) {
      const changes = records.changesOf(request.body.subject) ?? [];
      const hit = changes.find(test);
      if (hit === undefined) continue;
      const why =
        end === 'edited'
          ? `another change of ${hit.payload.flag} was proposed since`
          : `${hit.payload.flag} in ${hit.payload.environment} has changed since it was asked for`;
      ledger.append({ kind: 'approval.ended', request: request.hash, subject: request.body.subject, end, why });
    }
  }

  function required(hash: string): RequestRecord {
    const record = records.requests.get(hash);
    if (record === undefined) {
      throw new ScramError('not-found', `no request ${hash.slice(0, 12)}… is known here`, {
        action: 'see scram pending, or import it: scram bundle import FILE',
      });
    }
    return record;
  }

  function requiredItem(hash: string): ApprovalItem {
    const item = itemOf(ports, records, required(hash));
    if (item === null) {
      throw new ScramError('not-found', 'the changes of this request are not known here', {
        action: 'wait for the team store, or import the request as a text block',
      });
    }
    return item;
  }

  /** The stricter of what was previewed and what policy asks now: neither may be gone around. */
  function demandOf(changes: readonly Change[]): PolicyDemand {
    return strictest(changes.flatMap((change) => [change.payload.demand, ports.demandNow(change)]));
  }

  /** Throws `forbidden` when the key is no longer in force: a session may outlive a revocation for a moment. */
  function rolesOf({ person: { operator, key } }: Actor): readonly Role[] {
    const roster = ports.roster();
    if (roster.key({ operator, key }) === null) {
      throw new ScramError('forbidden', `this key of ${operator} is not in the roster in force`, {
        action: 'ask an admin to add it and sign the roster',
      });
    }
    return roster.operator(operator)?.roles ?? [];
  }

  function request(subject: ApprovalSubject, actor: Actor): ApprovalItem {
    const changes = records.changesOf(subject);
    const [first] = changes ?? [];
    if (changes === null || first === undefined) {
      throw new ScramError('not-found', 'nothing was proposed under this name that policy asks two people for');
    }
    const foreign = changes.find(({ payload }) => payload.device !== ledger.device);
    if (foreign !== undefined) throw new ScramError('refused', 'it was proposed on another console: ask for it there');
    const environments = new Set(changes.map(({ payload }) => payload.environment));
    if (environments.size !== 1) throw new ScramError('refused', 'one approval is for one environment');
    const demand = demandOf(changes);
    if (demand.people < 2)
      throw new ScramError('refused', 'policy asks for no second person: it can be executed as it is');
    if (!mayMake(rolesOf(actor), demand)) {
      throw new ScramError('forbidden', `${actor.person.operator} has no role that may ask for it`);
    }
    const nowMs = clock.now();
    const expiresAtMs = Math.min(
      nowMs + (demand.approvalWithinMs ?? APPROVAL_LIFETIME_MS),
      ...changes.map(({ payload }) => payload.expiresAtMs),
    );
    if (expiresAtMs <= nowMs) throw new ScramError('expired', 'the preview is too old', { action: 'look again' });
    const same = open().find(({ request: { body } }) => body.subject.hash === subject.hash && nowMs < body.expiresAtMs);
    if (same !== undefined) return requiredItem(same.request.hash);
    const made = signRequest(
      {
        version: 1,
        id: ports.ids.next(),
        subject,
        environment: first.payload.environment,
        device: ledger.device,
        requester: actor.person,
        atMs: Math.trunc(nowMs),
        expiresAtMs: Math.trunc(expiresAtMs),
      },
      actor,
    );
    ledger.append({ kind: 'approval.requested', request: made }, actor);
    return requiredItem(made.hash);
  }

  function decide(hash: string, decision: 'approve' | 'refuse', reason: string, actor: Actor): ApprovalItem {
    const record = required(hash);
    const item = requiredItem(hash);
    const { body } = record.request;
    if (item.state !== 'waiting') {
      throw new ScramError(
        item.state === 'expired' ? 'expired' : 'conflict',
        `the request no longer waits: ${item.why ?? item.state}`,
        {
          action: 'look at it again; the requester may ask anew',
        },
      );
    }
    if (!requestHolds(record.request, ports.roster(), 'now')) {
      throw new ScramError(
        'forbidden',
        `the request was not signed by a key of ${body.requester.operator} that is in force`,
      );
    }
    const nowMs = records.timeFor(hash, clock.now());
    const demand = demandOf(item.changes);
    const decider = { operator: actor.person.operator, roles: rolesOf(actor) };
    const why = whyNotDecide(body, decider, demand, nowMs);
    if (why !== null) throw new ScramError('forbidden', why);
    const made: DecisionBody = {
      version: 1,
      request: hash,
      subject: body.subject,
      environment: body.environment,
      device: body.device,
      decision,
      reason,
      by: actor.person,
      atMs: Math.trunc(clock.now()),
      expiresAtMs: body.expiresAtMs,
    };
    ledger.append({ kind: 'approval.decided', decision: signDecision(made, actor) }, actor);
    return requiredItem(hash);
  }

  function permitFor(
    change: Change,
    demand: PolicyDemand,
    actor: Actor | null,
    batch: string | null = null,
  ): Permit | ScramError {
    if (demand.people < 2) return {};
    const { environment } = change.payload;
    const asks = `policy of ${environment} asks for two people`;
    if (!ports.roster().enforced) {
      return new ScramError('refused', `${asks}, and scram.yaml names no operators`, {
        action: `name the operators in scram.yaml, or set people: 1 under policy.${environment}`,
      });
    }
    if (actor === null) return new ScramError('locked', 'this console is locked', { action: 'unlock it first' });
    // What was allowed when the glass was broken must be allowed now: policy and roles may have changed since (D3, D5).
    const roles = ports.roster().operator(actor.person.operator)?.roles ?? [];
    const glasses = mayBreakGlass(roles, policyOf(ports.policy, environment)) ? records.glasses.values() : [];
    for (const record of glasses) {
      const { glass: one } = record;
      const own = one.operator === actor.person.operator && one.device === ledger.device;
      if (own && one.environment === environment && isOpen(record, records.timeFor(one.id, clock.now()))) {
        return { breakGlass: one.id };
      }
    }
    let why: string | null = null;
    for (const record of records.about(change.hash)) {
      const found = permitFrom(ports, records, record, { change, demand, batch });
      if (typeof found !== 'string') return found;
      why = found;
    }
    return new ScramError('approval-required', `${asks}: ${why ?? 'nobody has been asked yet'}`, {
      action: 'ask a second person to approve it, then execute it here',
    });
  }

  function whyNotMake(demand: PolicyDemand, actor: Actor | null): ScramError | null {
    if (!ports.roster().enforced) return null;
    if (actor === null) return new ScramError('locked', 'this console is locked', { action: 'unlock it first' });
    try {
      if (mayMake(rolesOf(actor), demand)) return null;
    } catch (error) {
      if (error instanceof ScramError) return error;
      throw error;
    }
    const roles = (demand.roles ?? MAKERS).join(' or ');
    return new ScramError('forbidden', `${actor.person.operator} may not make this change: it takes the role ${roles}`);
  }

  function breakGlass(environment: string, reason: string, actor: Actor): BreakGlassItem {
    const policies = policyOf(ports.policy, environment);
    const policy = policies?.breakGlass;
    if (policy?.allowed !== true) {
      throw new ScramError('refused', `policy of ${environment} does not allow to break the glass`, {
        action: 'ask a second person: at this desk, over the team store, or by a text block',
      });
    }
    const roles = rolesOf(actor);
    if (!mayBreakGlass(roles, policies)) {
      throw new ScramError('forbidden', `${actor.person.operator} has no role that may break the glass`);
    }
    if (reason.trim() === '') throw new ScramError('invalid-input', 'breaking the glass needs a reason');
    const nowMs = Math.trunc(clock.now());
    const made = {
      id: ports.ids.next(),
      environment,
      reason,
      device: ledger.device,
      operator: actor.person.operator,
      openedAtMs: nowMs,
      untilMs: nowMs + policy.for,
      reviewByMs: nowMs + policy.reviewWithin,
    };
    ledger.append({ kind: 'breakglass.opened', glass: made }, actor);
    log.warn('break-glass.opened', { environment, operator: made.operator, id: made.id });
    return requiredGlass(made.id);
  }

  function requiredGlass(id: string): BreakGlassItem {
    const record = records.glasses.get(id);
    if (record === undefined) throw new ScramError('not-found', `no glass ${id} was broken`);
    return glassItem(ports, records, record);
  }

  function glass(): BreakGlassItem[] {
    return [...records.glasses.values()].map((record) => glassItem(ports, records, record)).reverse();
  }

  return {
    permitFor,
    whyNotMake,
    request,
    decide,
    breakGlass,
    glass,
    state(actor) {
      const live: ApprovalItem[] = [];
      const over: ApprovalItem[] = [];
      for (const record of [...records.requests.values()].reverse()) {
        const item = isOver(record) && over.length >= ENDED_SHOWN ? null : itemOf(ports, records, record);
        if (item === null) continue;
        if (item.state === 'waiting' || item.state === 'approved') live.push(item);
        else if (over.length < ENDED_SHOWN) over.push(item);
      }
      const roles = actor === null ? [] : (ports.roster().operator(actor.person.operator)?.roles ?? []);
      const forMe = live.filter(
        ({ state, request: { body }, changes }) =>
          state === 'waiting' &&
          body.requester.operator !== actor?.person.operator &&
          mayApprove(roles, demandOf(changes)),
      );
      return { items: [...live, ...over], forMe: forMe.length, glass: glass(), glassAllowed };
    },
    item(hash) {
      const record = records.requests.get(hash);
      return record === undefined ? null : itemOf(ports, records, record);
    },
    onChange(listener): Disposable {
      const own = () => listener();
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
    withdraw(hash, actor) {
      const { request: found, ended } = required(hash);
      if (found.body.requester.operator !== actor.person.operator) {
        throw new ScramError('forbidden', 'only who asked for it can withdraw it; refuse it instead');
      }
      if (found.body.device !== ledger.device) {
        throw new ScramError('refused', 'it is withdrawn on the console that may execute it');
      }
      if (ended !== null) return;
      const why = `${actor.person.operator} withdrew it`;
      ledger.append(
        { kind: 'approval.ended', request: hash, subject: found.body.subject, end: 'withdrawn', why },
        actor,
      );
    },
    export: (hash, what) => bundles.export(requiredItem(hash), what),
    import(text, actor) {
      const { kind, request: hash } = bundles.import(text, actor);
      return { kind, item: requiredItem(hash) };
    },
    endBreakGlass(id, actor) {
      const { glass: found } = requiredGlass(id);
      if (found.device !== ledger.device) throw new ScramError('refused', 'it is ended on the console that opened it');
      ledger.append({ kind: 'breakglass.ended', id }, actor);
    },
    reviewBreakGlass(id, verdict, note, actor) {
      const { glass: found, review } = requiredGlass(id);
      if (found.operator === actor.person.operator) {
        throw new ScramError('forbidden', 'a second person reviews it, never the one who acted alone');
      }
      if (!mayApprove(rolesOf(actor), {})) {
        throw new ScramError('forbidden', `${actor.person.operator} has no role that may review it`);
      }
      if (review !== null) throw new ScramError('conflict', `${review.byName} has reviewed it already`);
      ledger.append({ kind: 'breakglass.reviewed', id, verdict, note }, actor);
    },
    dispose() {
      following.dispose();
      looking.dispose();
      listeners.clear();
    },
  };
}

/** The same flag and environment, another change: what was asked for was edited. */
function isReplacedBy(old: Change, made: Change): boolean {
  const [a, b] = [old.payload, made.payload];
  return (
    old.hash !== made.hash && a.connection === b.connection && a.flag === b.flag && a.environment === b.environment
  );
}
