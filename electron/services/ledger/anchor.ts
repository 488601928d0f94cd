import type { EntryData } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { Anchor } from './api.ts';
import { sha256Hex } from '../signing/canonical.ts';
import type { Place } from './claims.ts';
import type { Signer } from './store.ts';
import { ed25519Of, textSigned } from './verify.ts';

type AnchorData = Extract<EntryData, { kind: 'anchor.made' }>;

const MARK = 'scram-anchor-v1';
/** What is read aloud: the first 160 bits, and nobody finds other heads with the same. Hex digits. */
const SPOKEN_DIGITS = 40;
const SPOKEN_LENGTH = 32;
/** Crockford's base 32: without the letters that are taken for others. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SPOKEN = /^[0-9A-HJKMNP-TV-Z]{32}$/;
const LINE =
  /^scram-anchor-v1 (?<time>\S+) (?<digest>[0-9a-f]{64}) (?<heads>[0-9a-f: ]+) by=(?<device>[0-9a-f]{32}) sig=(?<signature>[\w-]+)$/;
const HEAD = /^(?<device>[0-9a-f]{32}):(?<sequence>[1-9]\d{0,14}):(?<hash>[0-9a-f]{64})$/;

export interface AnchorLine {
  readonly atMs: number;
  readonly digest: string;
  readonly heads: readonly Place[];
  readonly device: string;
  readonly signature: string;
}

/** Heads in the order of their devices, as they stand in a line and under its digest. */
function headsText(heads: readonly Place[]): string {
  return heads.map(({ device, sequence, hash }) => `${device}:${sequence}:${hash}`).join(' ');
}

function signedPart(line: Omit<AnchorLine, 'signature'>): string {
  const time = new Date(line.atMs).toISOString();
  return `${MARK} ${time} ${line.digest} ${headsText(line.heads)} by=${line.device}`;
}

/** An anchor of heads, as the entry that keeps it. */
export function makeAnchor(
  heads: readonly Place[],
  where: Pick<AnchorData, 'place' | 'where'>,
  device: string,
  signer: Signer,
  nowMs: number,
): AnchorData {
  const sorted = [...heads].sort((a, b) => (a.device < b.device ? -1 : 1));
  const digest = sha256Hex(headsText(sorted));
  const atMs = Math.trunc(nowMs);
  const signature = signer.sign(signedPart({ atMs, digest, heads: sorted, device }));
  return { kind: 'anchor.made', ...where, digest, heads: sorted, seal: { device, atMs, signature } };
}

/** The line of an anchor, as it is put outside. */
export function anchorLine({ digest, heads, seal }: AnchorData): string {
  if (seal === undefined) throw new ScramError('internal', 'an anchor that nobody signed has no line');
  return `${signedPart({ ...seal, digest, heads })} sig=${seal.signature}`;
}

/** What is read aloud of a digest: eight groups of four characters. */
export function spokenDigest(digest: string): string {
  const digits = BigInt(`0x${digest.slice(0, SPOKEN_DIGITS)}`)
    .toString(32)
    .padStart(SPOKEN_LENGTH, '0');
  const text = digits.replace(/./g, (digit) => ALPHABET[Number.parseInt(digit, 32)] ?? '');
  return text.match(/.{4}/g)?.join('-') ?? text;
}

/** As it was heard or typed: without its groups, and with letters for the digits that they are taken for. */
function heard(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase().replace(/[IL]/g, '1').replaceAll('O', '0');
}

export function anchorOf(data: AnchorData): Anchor {
  return { line: anchorLine(data), spoken: spokenDigest(data.digest), digest: data.digest };
}

/** Reads an anchor's line; null when it is none, or its heads are not those of its digest. */
export function readAnchorLine(text: string): AnchorLine | null {
  const found = LINE.exec(text.trim())?.groups;
  if (found === undefined) return null;
  const { time = '', digest = '', heads: all = '', device = '', signature = '' } = found;
  const heads: Place[] = [];
  for (const part of all.split(' ')) {
    const head = HEAD.exec(part)?.groups;
    if (head === undefined) return null;
    heads.push({ device: head.device ?? '', sequence: Number(head.sequence), hash: head.hash ?? '' });
  }
  const atMs = Date.parse(time);
  return Number.isNaN(atMs) || sha256Hex(all) !== digest ? null : { atMs, digest, heads, device, signature };
}

/** What anchors are held against: chains that were verified up to their end. */
export interface AnchoredChains {
  /** Ed25519 SPKI of a device; null when its chain is not here. */
  publicKeyOf(device: string): string | null;
  /** Null: the chain does not reach there. Undefined: it lies in a file that is gone. */
  hashAt(device: string, sequence: number): string | null | undefined;
  /** Anchors that the chains themselves hold: what was read aloud is looked up in them. */
  anchors(): Iterable<AnchorData>;
}

export interface AnchorVerdict {
  readonly ok: boolean;
  readonly words: string;
}

/** Whether every head that an anchor names is still in its chain (D10). `text` is a line, or what was read aloud. */
export function checkAnchor(text: string, chains: AnchoredChains): AnchorVerdict {
  const aloud = heard(text);
  if (SPOKEN.test(aloud)) return checkSpoken(aloud, chains);
  const line = readAnchorLine(text);
  if (line === null) return { ok: false, words: 'This is no whole line of an anchor: it was cut, or altered.' };
  const publicKey = chains.publicKeyOf(line.device);
  const key = publicKey === null ? null : ed25519Of(publicKey);
  if (key === null) {
    return { ok: false, words: `Device ${line.device} made this anchor, and its chain is not here to check it by.` };
  }
  if (!textSigned(key, signedPart(line), line.signature)) {
    return {
      ok: false,
      words: `Device ${line.device} did not sign this line: it was altered, or made by somebody else.`,
    };
  }
  return checkHeads(line.heads, `of ${new Date(line.atMs).toISOString()}`, chains);
}

function checkSpoken(aloud: string, chains: AnchoredChains): AnchorVerdict {
  for (const anchor of chains.anchors()) {
    if (heard(spokenDigest(anchor.digest)) !== aloud) continue;
    const time = anchor.seal === undefined ? '' : `of ${new Date(anchor.seal.atMs).toISOString()}`;
    if (sha256Hex(headsText(anchor.heads)) === anchor.digest) return checkHeads(anchor.heads, time, chains);
  }
  return {
    ok: false,
    words: 'No anchor in these chains reads like this: it was misheard, or the chain that held it was cut off.',
  };
}

function checkHeads(heads: readonly Place[], time: string, chains: AnchoredChains): AnchorVerdict {
  let unknown = 0;
  for (const { device, sequence, hash } of heads) {
    const held = chains.hashAt(device, sequence);
    if (held === hash) continue;
    if (held === undefined) {
      unknown += 1;
      continue;
    }
    const what =
      held === null
        ? `no entry ${sequence}: the end was cut off, or the chain is not here`
        : `another entry ${sequence} than the anchor: it was rewritten`;
    return { ok: false, words: `The chain of device ${device} has ${what}.` };
  }
  const gone = unknown === 0 ? '' : ` ${unknown} of them lie in sealed files that are not here.`;
  return { ok: true, words: `Every head of the anchor ${time} is in its chain: ${heads.length} chains.${gone}` };
}
