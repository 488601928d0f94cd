import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verifyExportLines } from '../../../electron/compose/data-folder.ts';
import { signDecision, signRequest } from '../../../electron/services/approvals/statements.ts';
import type { Actor } from '../../../electron/services/signing/actor.ts';
import { exportLines, verifyExport } from '../../../electron/services/ledger/export.ts';
import { fingerprintOf, keyIdOf, publicKeyText } from '../../../electron/services/signing/public-key.ts';
import { rosterHash, rosterText } from '../../../electron/services/operators/roster.ts';
import type { Role, RosterBody, SignedRoster } from '../../../shared/model/operator.ts';
import { memoryLedger, TRUST_ALL } from '../../support/ledger.ts';

const EMPTY = 'a'.repeat(64);

/** A person with a key made on a device. */
function person(id: string, roles: Role[], devicePublicKey: string) {
  const signing = generateKeyPairSync('ed25519');
  const text = publicKeyText(signing.publicKey, generateKeyPairSync('x25519').publicKey, devicePublicKey);
  const actor: Actor = {
    person: { operator: id, key: keyIdOf(text) },
    sign: (what) => sign(null, Buffer.from(what), signing.privateKey).toString('base64url'),
  };
  return { actor, text, operator: { id, name: id, roles, publicKeys: [text] } };
}
type Person = ReturnType<typeof person>;

function roster(people: readonly Person[], by: Person, before: RosterBody | null = null): SignedRoster {
  const body: RosterBody = {
    format: 'scram-roster-v1',
    team: 'payments',
    version: (before?.version ?? 0) + 1,
    previous: before === null ? null : rosterHash(before),
    atMs: 5,
    operators: people.map(({ operator }) => operator),
    signedBy: by.actor.person,
  };
  return { body, signature: by.actor.sign(rosterText(rosterHash(body))) };
}

/** Kim and Sam at one console, which takes over another where Sam also has a key. */
function world() {
  const here = memoryLedger(1);
  const there = memoryLedger(1);
  const kim = person('kim', ['admin'], here.signer.publicKey);
  const sam = person('sam', ['approver'], there.signer.publicKey);
  const first = roster([kim], kim);
  const second = roster([kim, sam], kim, first.body);
  here.ledger.append({ kind: 'roster.accepted', roster: first, hash: rosterHash(first.body) }, kim.actor);
  const subject = { kind: 'change', hash: EMPTY } as const;
  const asked = { subject, environment: 'production', device: here.ledger.device, atMs: 1, expiresAtMs: 2 };
  const request = signRequest({ version: 1, id: 'r1', requester: kim.actor.person, ...asked }, kim.actor);
  here.ledger.append({ kind: 'approval.requested', request }, kim.actor);
  const decision = signDecision(
    { version: 1, request: request.hash, decision: 'approve', reason: 'seen', by: sam.actor.person, ...asked },
    sam.actor,
  );
  there.ledger.append({ kind: 'approval.decided', decision }, sam.actor);
  here.ledger.append({ kind: 'roster.accepted', roster: second, hash: rosterHash(second.body) }, kim.actor);
  here.ledger.receive(there.store.rowsNow, TRUST_ALL);
  const lines = () => [...exportLines(here.store, here.signer, 0)];
  return { here, there, kim, sam, first, second, request, decision, lines };
}

const check = (lines: string[], rosterText: string | null = null) => verifyExportLines(lines, rosterText).people;

describe('signatures of people in an export', () => {
  it('D5: hold by the rosters in it, which follow from a key that is told', () => {
    const { lines, kim } = world();
    expect(verifyExport(lines()).problem).toBeNull();
    expect(check(lines())).toEqual({
      checked: 6,
      unchecked: 0,
      versions: 2,
      rosterKey: fingerprintOf(kim.text),
      problem: null,
    });
  });

  it('D5: hold by a roster that is given, and not by one of another team’s', () => {
    const { lines, first, second } = world();
    const given = (versions: SignedRoster[]) => JSON.stringify({ versions });
    expect(check(lines(), given([first, second])).problem).toBeNull();
    const stranger = person('kim', ['admin'], memoryLedger(1).signer.publicKey);
    expect(check(lines(), given([roster([stranger], stranger)])).problem?.what).toContain('by the roster');
    expect(() => check(lines(), '{}')).toThrow('not a roster.json');
  });

  it('D5: are told as unchecked where no roster was signed', () => {
    const { here, kim, request } = world();
    const plain = memoryLedger(2);
    plain.ledger.append({ kind: 'approval.requested', request }, kim.actor);
    expect(check([...exportLines(plain.store, plain.signer, 0)])).toMatchObject({
      checked: 0,
      unchecked: 2,
      rosterKey: null,
      problem: null,
    });
    expect(here.ledger.device).not.toBe(plain.ledger.device);
  });

  it('D1, D5: that somebody else made are found: of an act, a request, a decision', () => {
    const { here, lines, kim, sam, request, decision } = world();
    const mallory = person('mallory', ['admin'], here.signer.publicKey);
    const problemAfter = (add: () => void) => {
      add();
      return check(lines()).problem?.what ?? null;
    };
    const asKim: Actor = { person: kim.actor.person, sign: mallory.actor.sign };
    expect(problemAfter(() => here.ledger.append({ kind: 'note.added', text: 'x', incident: null }, asKim))).toContain(
      "is not kim's by the roster",
    );
    const fresh = (change: (of: ReturnType<typeof world>) => void) => {
      const made = world();
      change(made);
      return check(made.lines()).problem?.what;
    };
    expect(
      fresh((of) =>
        of.here.ledger.append({ kind: 'approval.requested', request: { ...request, signature: sam.actor.sign('x') } }),
      ),
    ).toBe('holds a request that kim did not sign');
    expect(
      fresh((of) =>
        of.here.ledger.append({
          kind: 'approval.decided',
          decision: { ...decision, body: { ...decision.body, decision: 'refuse' } },
        }),
      ),
    ).toBe('holds a decision that sam did not sign');
  });

  it('D5: nobody makes themself an admin by a roster of their own', () => {
    const { here, lines, kim, second } = world();
    const mallory = person('mallory', ['admin'], here.signer.publicKey);
    const coup = roster([kim, mallory], mallory, second.body);
    here.ledger.append({ kind: 'roster.accepted', roster: coup, hash: rosterHash(coup.body) });
    here.ledger.append({ kind: 'note.added', text: 'x', incident: null }, mallory.actor);
    expect(check(lines())).toMatchObject({ problem: { what: expect.any(String) } });
  });
});

describe('an export of version 1', () => {
  const lines = readFileSync('test/fixtures/ledger-v1/export.jsonl', 'utf8').trimEnd().split('\n');

  it('D6: verifies for ever, and a change of it is found', () => {
    expect(verifyExport(lines)).toMatchObject({ entries: 27, problem: null });
    const altered = lines.map((line) => line.replace('Zähler', 'Zahler'));
    expect(verifyExport(altered).problem).toMatchObject({ sequence: 5 });
    expect(verifyExport(lines.slice(0, -1)).problem).toMatchObject({ sequence: 28 });
  });
});
