import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Armoured } from '../../../shared/model/approval.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { JsonValue } from '../../../shared/model/json.ts';
import type { PersonRef } from '../../../shared/model/operator.ts';
import type { Roster } from '../operators/api.ts';
import type { Clock, Disposable } from '../ports.ts';
import type { Keyring, SealedCredential, Vault } from './api.ts';
import { labelOfBox, openSealedBox, rawX25519, sealBox, x25519FromRaw } from './box.ts';
import {
  type OpenRequestBody,
  type OpenShareBody,
  readOpenRequest,
  readOpenShare,
  requireSigned,
  type Statement,
  type StatementKind,
  signStatement,
} from './share-statements.ts';

const ASKING_MS = 15 * 60_000;
/** Requests that wait for an answer at once; the oldest gives way. */
const MOST_WAITING = 20;
const X25519_BYTES = 32;

/** Text blocks, as `services/armour` makes and reads them. */
export interface ShareArmourer {
  armour(kind: StatementKind, value: JsonValue): string;
  unarmour(text: string): { kind: string; value: JsonValue };
  checkCodeOf(hash: string): string;
  qrOf(text: string): boolean[][] | null;
}

export interface ShareExchangePorts {
  readonly vault: Pick<Vault, 'sealed' | 'combine'>;
  readonly roster: () => Roster;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly armourer: ShareArmourer;
}

/** Opening a sealed credential with a second person who is elsewhere, by two text blocks (E3, D4). */
export interface ShareExchange extends Disposable {
  askForShare(name: string, holder: string, asker: Keyring): Armoured;
  /** Who asks for which share, signature checked. Nothing is given. */
  readRequest(text: string): { name: string; holder: string; asker: PersonRef; checkCode: string; expiresAtMs: number };
  /** Answers as the holder: the share leaves encrypted to the one who asks, and to nobody else. */
  giveShare(text: string, holder: Keyring): Armoured;
  /** Opens the credential with the asker's own share and the one in the block. Each request is good for one opening. */
  takeShare(text: string, asker: Keyring): Promise<{ name: string; value: string; by: PersonRef }>;
}

interface Waiting {
  readonly body: OpenRequestBody;
  readonly privateKey: KeyObject;
  readonly timer: Disposable;
}

export function createShareExchange({ vault, roster, clock, armourer }: ShareExchangePorts): ShareExchange {
  /** By hash of the request. In memory alone: a restart forgets what was asked. */
  const waiting = new Map<string, Waiting>();

  function forget(hash: string): void {
    waiting.get(hash)?.timer.dispose();
    waiting.delete(hash);
  }

  function block<T extends OpenRequestBody | OpenShareBody>(kind: StatementKind, statement: Statement<T>): Armoured {
    const { body, signature, hash } = statement;
    const text = armourer.armour(kind, { body, signature });
    return { kind, text, checkCode: armourer.checkCodeOf(hash), qr: armourer.qrOf(text) };
  }

  function read(kind: StatementKind, text: string): JsonValue {
    const found = armourer.unarmour(text);
    if (found.kind === kind) return found.value;
    const wanted = kind === 'open-request' ? 'asks for a share' : 'gives a share';
    throw new ScramError('invalid-input', `this block is none that ${wanted}`);
  }

  function requireInForce({ person }: Keyring): void {
    if (roster().key(person) === null) {
      throw new ScramError('forbidden', `the key of ${person.operator} is not in the roster in force`);
    }
  }

  function sealedOf(name: string): SealedCredential {
    const found = vault.sealed().find((record) => record.name === name);
    if (found === undefined) throw new ScramError('not-found', `there is no sealed credential ${name}`);
    return found;
  }

  function ownBox(name: string, { operator, person }: Keyring): string {
    const own = sealedOf(name).shares.find((share) => share.operator === operator && share.key === person.key);
    if (own === undefined) throw new ScramError('forbidden', `${operator} holds no share of ${name} on this console`);
    return own.box;
  }

  return {
    askForShare(name, holder, asker) {
      requireInForce(asker);
      requireTwo(asker.operator, holder);
      ownBox(name, asker);
      const shares = sealedOf(name).shares.filter(({ operator }) => operator === holder);
      if (shares.length === 0) throw new ScramError('not-found', `${holder} holds no share of ${name}`);
      const { publicKey, privateKey } = generateKeyPairSync('x25519');
      const atMs = clock.now();
      const body: OpenRequestBody = {
        version: 1,
        name,
        holder,
        shares: shares.map(({ key, box }) => ({ key, box })),
        ephemeral: rawX25519(publicKey).toString('base64url'),
        asker: asker.person,
        atMs,
        expiresAtMs: atMs + ASKING_MS,
      };
      const statement = signStatement('open-request', body, asker);
      const oldest = waiting.size < MOST_WAITING ? undefined : waiting.keys().next().value;
      if (oldest !== undefined) forget(oldest);
      const timer = clock.after(ASKING_MS, () => forget(statement.hash));
      waiting.set(statement.hash, { body, privateKey, timer });
      return block('open-request', statement);
    },

    readRequest(text) {
      const request = readOpenRequest(read('open-request', text));
      const { name, holder, asker, expiresAtMs } = request.body;
      requireSigned('open-request', request, asker, roster());
      return { name, holder, asker, checkCode: armourer.checkCodeOf(request.hash), expiresAtMs };
    },

    giveShare(text, holder) {
      const request = readOpenRequest(read('open-request', text));
      const { body } = request;
      requireInForce(holder);
      requireSigned('open-request', request, body.asker, roster());
      requireTwo(body.asker.operator, holder.operator);
      if (body.holder !== holder.operator) {
        throw new ScramError('forbidden', `it asks ${body.holder} for a share, not ${holder.operator}`);
      }
      if (clock.now() >= body.expiresAtMs) throw expired();
      const share = body.shares.find(({ key }) => key === holder.person.key);
      if (share === undefined) {
        throw new ScramError(
          'credential',
          `none of these shares is for the key of ${holder.operator} on this console`,
          {
            action: 'take the block to the console on which the key was made when the credential was sealed',
          },
        );
      }
      requireLabel(share.box, body.name);
      const plain = holder.openBox(share.box);
      try {
        const answer: OpenShareBody = {
          version: 1,
          request: request.hash,
          name: body.name,
          asker: body.asker,
          by: holder.person,
          box: sealBox(ephemeralOf(body), body.name, plain),
          atMs: clock.now(),
        };
        return block('open-share', signStatement('open-share', answer, holder));
      } finally {
        plain.fill(0);
      }
    },

    async takeShare(text, asker) {
      const answer = readOpenShare(read('open-share', text));
      const { body } = answer;
      const asked = waiting.get(body.request);
      if (asked === undefined || clock.now() >= asked.body.expiresAtMs) {
        forget(body.request);
        throw expired();
      }
      requireInForce(asker);
      if (!same(asked.body.asker, asker.person) || !same(body.asker, asker.person) || body.name !== asked.body.name) {
        throw new ScramError('forbidden', `it answers ${asked.body.asker.operator}, who asked for the share`);
      }
      if (body.by.operator !== asked.body.holder) {
        throw new ScramError('refused', `it is not from ${asked.body.holder}, who was asked`);
      }
      requireTwo(asker.operator, body.by.operator);
      requireSigned('open-share', answer, body.by, roster());
      requireLabel(body.box, body.name);
      const shares = [asker.openBox(ownBox(body.name, asker)), openSealedBox(asked.privateKey, body.box)];
      // Taken at once, so that the same block cannot be taken twice at the same time.
      waiting.delete(body.request);
      try {
        const value = await vault.combine(body.name, shares);
        asked.timer.dispose();
        return { name: body.name, value, by: body.by };
      } catch (error) {
        // The right answer may still come.
        waiting.set(body.request, asked);
        throw error;
      } finally {
        for (const share of shares) share.fill(0);
      }
    },

    dispose() {
      for (const hash of [...waiting.keys()]) forget(hash);
    },
  };
}

/** Never one person's two keys: a second console is no second person (E3). */
function requireTwo(asker: string, holder: string): void {
  if (asker !== holder) return;
  throw new ScramError('forbidden', 'it takes two different people to open a sealed credential');
}

function requireLabel(box: string, name: string): void {
  if (labelOfBox(box) === name) return;
  throw new ScramError('refused', `the share in the block is not one of ${name}`);
}

function ephemeralOf({ ephemeral }: OpenRequestBody): KeyObject {
  const raw = Buffer.from(ephemeral, 'base64url');
  if (raw.length === X25519_BYTES) return x25519FromRaw(raw);
  throw new ScramError('invalid-input', 'the block names no key to encrypt the share to');
}

function same(a: PersonRef, b: PersonRef): boolean {
  return a.operator === b.operator && a.key === b.key;
}

function expired(): ScramError {
  return new ScramError('expired', 'the request was used already, is too old, or was not made by this console', {
    action: 'ask for the share again: a request is good for 15 minutes and one opening',
  });
}
