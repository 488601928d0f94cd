import type { Operator, PersonRef, RosterBody, SignedRoster } from '../../../shared/model/operator.ts';
import { CLOCK_TOLERANCE_MS } from '../../../shared/rules/four-eyes.ts';
import { rightsOf } from '../../../shared/rules/roles.ts';
import type { Actor } from '../signing/actor.ts';
import { canonicalText, sha256Hex } from '../signing/canonical.ts';
import type { Roster } from './api.ts';
import { type PublicKey, readPublicKey, signedBy } from '../signing/public-key.ts';

/** The name of one version: SHA-256 of its canonical body. */
export function rosterHash(body: RosterBody): string {
  return sha256Hex(canonicalText(body));
}

/** What an admin signs. */
export function rosterText(hash: string): string {
  return `scram-roster-v1\n${hash}`;
}

/** The key when the person of the list has it. */
export function keyOf(operators: readonly Operator[], { operator, key }: PersonRef): PublicKey | null {
  const person = operators.find(({ id }) => id === operator);
  for (const text of person?.publicKeys ?? []) {
    const read = readPublicKey(text);
    if (read?.id === key) return read;
  }
  return null;
}

/**
 * Why a version may not follow the one before it, in words; null when it may. The first is signed by an admin of its
 * own, every later one by an admin of the version before: nobody makes themself an admin.
 */
export function whyNotNext({ body, signature }: SignedRoster, before: RosterBody | null): string | null {
  const version = (before?.version ?? 0) + 1;
  if (body.version !== version) return `is version ${body.version}, expected ${version}`;
  if (body.previous !== (before === null ? null : rosterHash(before))) return 'does not follow the version before it';
  const authority = before?.operators ?? body.operators;
  const { operator } = body.signedBy;
  if (!authority.some(({ id, roles }) => id === operator && roles.includes('admin'))) {
    return `was signed by ${operator}, who was no admin`;
  }
  const key = keyOf(authority, body.signedBy);
  if (key === null) return `was signed by a key that was not ${operator}'s`;
  return signedBy(key, rosterText(rosterHash(body)), signature) ? null : 'has a signature that does not hold';
}

export interface FoundRosters {
  /** Versions that this console accepted earlier, oldest first; whole from version 1 on. */
  readonly accepted: readonly SignedRoster[];
  /** Versions beside the configuration, oldest first; null when there is no file. */
  readonly file: readonly SignedRoster[] | null;
  /** Versions that other consoles accepted, in any order. */
  readonly others: readonly SignedRoster[];
}

export interface Resolved {
  /** In force, oldest first: the accepted ones and those that follow. */
  readonly versions: readonly SignedRoster[];
  /** Those of them that are new here. */
  readonly fresh: readonly SignedRoster[];
  /** Why something that was found is not in force, in words. */
  readonly problem: string | null;
}

/**
 * Which roster is in force. What was accepted once is never given up: an older file, or one with another past, is told
 * and not followed (a roster rolled back would bring a revoked key back).
 */
export function resolveRoster({ accepted, file, others }: FoundRosters): Resolved {
  const versions: SignedRoster[] = [...accepted];
  let problem: string | null = null;
  for (const [index, found] of (file ?? []).entries()) {
    const known = versions[index];
    if (known !== undefined) {
      if (rosterHash(known.body) === rosterHash(found.body)) continue;
      problem = `version ${index + 1} of roster.json is not the one that this console accepted`;
      break;
    }
    const why = whyNotNext(found, versions.at(-1)?.body ?? null);
    if (why !== null) {
      problem = `version ${index + 1} of roster.json ${why}`;
      break;
    }
    versions.push(found);
  }
  if (problem === null && file !== null && file.length < accepted.length) {
    problem = `roster.json ends with version ${file.length}, this console accepted version ${accepted.length}`;
  }
  // What another console accepted counts as soon as it follows: a revocation must not wait for a pull of the files.
  if (versions.length > 0) {
    for (let next = nextOf(others, versions); next !== undefined; next = nextOf(others, versions)) versions.push(next);
  }
  return { versions, fresh: versions.slice(accepted.length), problem };
}

function nextOf(others: readonly SignedRoster[], versions: readonly SignedRoster[]): SignedRoster | undefined {
  const last = versions.at(-1)?.body ?? null;
  return others.find((other) => whyNotNext(other, last) === null);
}

/** What the configuration says otherwise than the roster in force, in words. */
export function unsignedChanges(configured: readonly Operator[], inForce: readonly Operator[]): string[] {
  const changes: string[] = [];
  for (const person of configured) {
    const before = inForce.find(({ id }) => id === person.id);
    if (before === undefined) {
      changes.push(`${person.id} (${person.name}) is new: ${person.roles.join(', ')}`);
      continue;
    }
    if (before.name !== person.name) changes.push(`${person.id} is called ${person.name}, was ${before.name}`);
    if ([...before.roles].sort().join() !== [...person.roles].sort().join()) {
      changes.push(`${person.id} has the roles ${person.roles.join(', ')}, had ${before.roles.join(', ')}`);
    }
    for (const key of person.publicKeys) {
      if (!before.publicKeys.includes(key))
        changes.push(`${person.id} has a new key, ${readPublicKey(key)?.id ?? key}`);
    }
    for (const key of before.publicKeys) {
      if (!person.publicKeys.includes(key)) changes.push(`${person.id} loses key ${readPublicKey(key)?.id ?? key}`);
    }
  }
  for (const { id } of inForce) if (!configured.some((person) => person.id === id)) changes.push(`${id} is gone`);
  return changes;
}

/** The versions of about that time: clocks of consoles differ a little, and what either version allows counts. */
function versionsAt<T extends { readonly atMs: number }>(versions: readonly T[], atMs: number): readonly T[] {
  const first = versions.findLastIndex((version) => version.atMs <= atMs - CLOCK_TOLERANCE_MS);
  return versions
    .slice(Math.max(first, 0))
    .filter((version, at) => at === 0 || version.atMs <= atMs + CLOCK_TOLERANCE_MS);
}

/**
 * The roster as the rest of the back end asks it. `history`: every version that was ever in force here; `versions`: the
 * same with their times, oldest first. Without them, every version counts for every time.
 */
export function rosterOf(
  enforced: boolean,
  inForce: { readonly version: number; readonly operators: readonly Operator[] },
  history: readonly (readonly Operator[])[],
  versions: readonly { readonly atMs: number; readonly operators: readonly Operator[] }[] = [],
): Roster {
  const devices = (operators: readonly Operator[]): string[] =>
    operators.flatMap(({ publicKeys }) => publicKeys.flatMap((text) => readPublicKey(text)?.device ?? []));
  const everDevices = new Set([inForce.operators, ...history].flatMap(devices));
  return {
    enforced,
    version: inForce.version,
    operators: inForce.operators,
    operator: (id) => inForce.operators.find((person) => person.id === id) ?? null,
    key: (person) => keyOf(inForce.operators, person),
    everKey(person) {
      for (const operators of [inForce.operators, ...history]) {
        const key = keyOf(operators, person);
        if (key !== null) return key;
      }
      return null;
    },
    mightAt(person, right, atMs) {
      const then = versions.length === 0 ? history : versionsAt(versions, atMs).map(({ operators }) => operators);
      return [inForce.operators, ...then].some((operators) => {
        const roles = operators.find(({ id }) => id === person.operator)?.roles ?? [];
        return rightsOf(roles).has(right) && keyOf(operators, person) !== null;
      });
    },
    peopleOf: (device) => inForce.operators.filter((person) => devices([person]).includes(device)).map(({ id }) => id),
    knowsDevice: (device) => everDevices.has(device),
  };
}

/** The version that follows, of the operators of a configuration. */
export function nextRoster(
  { team, operators }: { readonly team: string; readonly operators: readonly Operator[] },
  before: RosterBody | null,
  signer: Actor,
  nowMs: number,
): RosterBody {
  return {
    format: 'scram-roster-v1',
    team,
    version: (before?.version ?? 0) + 1,
    previous: before === null ? null : rosterHash(before),
    atMs: Math.trunc(nowMs),
    operators: operators.map(({ id, name, roles, publicKeys }) => ({
      id,
      name,
      roles: [...roles],
      publicKeys: [...publicKeys],
    })),
    signedBy: signer.person,
  };
}

export function signRosterBody(body: RosterBody, signer: Actor): SignedRoster {
  return { body, signature: signer.sign(rosterText(rosterHash(body))) };
}

/** Text of roster.json. */
export function rosterFileText(versions: readonly SignedRoster[]): string {
  return `${JSON.stringify({ versions }, null, 2)}\n`;
}

/** Names what a configuration would have signed: team and operators, and nothing that changes by itself. */
export function proposalOf({
  team,
  operators,
}: {
  readonly team: string;
  readonly operators: readonly Operator[];
}): string {
  return sha256Hex(canonicalText({ team, operators }));
}
