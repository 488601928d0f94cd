import { approvalRequestSchema, decisionSchema } from '../../shared/model/approval.ts';
import { isJsonObject, type JsonObject } from '../../shared/model/json.ts';
import { type SignedRoster, signedRosterSchema } from '../../shared/model/operator.ts';
import { decisionHolds, requestHolds } from '../services/approvals/statements.ts';
import { fingerprintOf, signedBy } from '../services/signing/public-key.ts';
import { keyOf, resolveRoster, rosterOf } from '../services/operators/roster.ts';
import { contentOf } from '../services/ledger/entry-row.ts';
import type { LedgerRow } from '../services/ledger/store.ts';
import { actText, type ChainProblem } from '../services/ledger/verify.ts';

export interface PeopleVerdict {
  /** Signatures of people that hold: acts, requests and decisions. */
  readonly checked: number;
  /** Those that nobody can check, for want of a signed roster. */
  readonly unchecked: number;
  /** Fingerprint of the key that the roster follows from, to be compared by voice; null without a roster. */
  readonly rosterKey: string | null;
  readonly versions: number;
  /** First signature that does not hold, or what is wrong with the roster. */
  readonly problem: (ChainProblem & { readonly device: string | null }) | null;
}

/**
 * Checks what people signed in verified chains, against the roster that is given or those in the chains (D5). Rosters in
 * the chains only prove that they follow from their first key: whose that is, its fingerprint tells.
 */
export function checkPeople(
  chains: ReadonlyMap<string, readonly LedgerRow[]>,
  own: string | null,
  given: readonly SignedRoster[] | null,
): PeopleVerdict {
  const found = [...chains].flatMap(([device, rows]) =>
    rows.flatMap((row) => {
      const roster = signedRosterSchema.safeParse(contentOf(row).data?.roster);
      return roster.success ? [{ device, roster: roster.data }] : [];
    }),
  );
  const ofOwn = found.filter(({ device }) => device === own).map(({ roster }) => roster);
  const others = found.map(({ roster }) => roster);
  const first = given ?? byVersion(ofOwn.length > 0 ? ofOwn : others);
  const resolved = resolveRoster({ accepted: [], file: first.length > 0 ? first : null, others });
  const { versions } = resolved;
  const newest = versions.at(-1)?.body;
  const founder = versions[0]?.body;
  const rosterKey = founder === undefined ? null : (keyOf(founder.operators, founder.signedBy)?.text ?? null);
  const roster = rosterOf(
    true,
    { version: newest?.version ?? 0, operators: newest?.operators ?? [] },
    versions.map(({ body }) => body.operators),
  );

  let checked = 0;
  let unchecked = 0;
  let problem: PeopleVerdict['problem'] =
    resolved.problem === null ? null : { device: null, sequence: 0, what: resolved.problem };

  function judge(row: LedgerRow, holds: () => boolean, what: string): void {
    if (versions.length === 0) unchecked += 1;
    else if (holds()) checked += 1;
    else problem ??= { device: row.device, sequence: row.sequence, what };
  }

  for (const rows of chains.values()) {
    for (const row of rows) {
      const { body, data } = contentOf(row);
      const { by, ...act } = body;
      if (isJsonObject(by)) {
        const person = { operator: String(by.operator), key: String(by.key) };
        const key = roster.everKey(person);
        const holds = () => key !== null && signedBy(key, actText(act), String(by.signature));
        judge(row, holds, `has a signature that is not ${person.operator}'s by the roster`);
      }
      for (const { holds, what } of statementsIn(data)) judge(row, () => holds(roster), what);
    }
  }
  return {
    checked,
    unchecked,
    rosterKey: rosterKey === null ? null : fingerprintOf(rosterKey),
    versions: versions.length,
    problem,
  };
}

function byVersion(rosters: readonly SignedRoster[]): SignedRoster[] {
  const once = new Map(rosters.map((roster) => [roster.body.version, roster]));
  return [...once.values()].sort((a, b) => a.body.version - b.body.version);
}

/** Requests and decisions in an entry: signed statements of their own (D1). */
function statementsIn(data: JsonObject | null) {
  const request = approvalRequestSchema.safeParse(data?.request);
  const decision = decisionSchema.safeParse(data?.decision);
  return [
    ...(request.success
      ? [
          {
            holds: (roster: Parameters<typeof requestHolds>[1]) => requestHolds(request.data, roster, 'ever'),
            what: `holds a request that ${request.data.body.requester.operator} did not sign`,
          },
        ]
      : []),
    ...(decision.success
      ? [
          {
            holds: (roster: Parameters<typeof requestHolds>[1]) => decisionHolds(decision.data, roster, 'ever'),
            what: `holds a decision that ${decision.data.body.by.operator} did not sign`,
          },
        ]
      : []),
  ];
}
