import { MAX_REQUEST_BYTES, type RequestFrame } from '../../shared/contract/frames.ts';

export type Random = () => number;

/** mulberry32: small, and the same everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
const whole = (random: Random, below: number) => Math.floor(random() * below);

const NASTY_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'actor',
  'type',
  'id',
  'op',
  'input',
  '',
  'then',
];
const NASTY_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  '',
  'x'.repeat(5000),
  '\u0000',
  '\ud800',
  '__proto__',
  [],
  [[]],
  {},
  { a: { b: {} } },
  'f'.repeat(64),
  `${'f'.repeat(64)}\n`,
  'F'.repeat(64),
  '5',
];

/** A copy, so that a later change to a frame changes that frame alone. */
const nasty = (random: Random): unknown => structuredClone(pick(random, NASTY_VALUES));

/** Anything but a request: bytes, JSON of any shape, and what is no text at all. */
export function randomFrame(random: Random): unknown {
  const kind = random();
  if (kind < 0.05) return pick(random, [undefined, null, 7, true, {}, [], Symbol('frame'), new Map(), () => 'frame']);
  if (kind < 0.07) return `"${'x'.repeat(MAX_REQUEST_BYTES)}"`;
  if (kind < 0.1) return '['.repeat(whole(random, 20_000));
  if (kind < 0.5)
    return String.fromCharCode(...Array.from({ length: whole(random, 200) }, () => whole(random, 0x10000)));
  return JSON.stringify(randomValue(random, 6)) ?? '';
}

function randomValue(random: Random, depth: number): unknown {
  if (depth === 0 || random() < 0.3) return nasty(random);
  if (random() < 0.3) return Array.from({ length: whole(random, 4) }, () => randomValue(random, depth - 1));
  const keys = Array.from({ length: whole(random, 5) }, () => pick(random, NASTY_KEYS));
  return Object.fromEntries(keys.map((key) => [key, randomValue(random, depth - 1)]));
}

/** A right request with up to three things changed in it. */
export function mutateFrame(random: Random, frames: readonly RequestFrame[]): string {
  const frame: Record<string, unknown> = structuredClone(pick(random, frames)) as Record<string, unknown>;
  const times = whole(random, 4);
  for (let index = 0; index < times; index += 1) mutateValue(random, frame, frames);
  const text = JSON.stringify(frame);
  return random() < 0.2 ? mutateText(random, text) : text;
}

function mutateValue(random: Random, frame: Record<string, unknown>, frames: readonly RequestFrame[]): void {
  const { input } = frame;
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  const target = isObject && random() < 0.6 ? (input as Record<string, unknown>) : frame;
  const keys = Object.keys(target);
  const kind = random();
  if (kind < 0.25 && keys.length > 0) delete target[pick(random, keys)];
  else if (kind < 0.55 && keys.length > 0) target[pick(random, keys)] = nasty(random);
  else if (kind < 0.75) {
    // Defined, since a plain assignment to __proto__ makes no key.
    const value = nasty(random);
    Object.defineProperty(target, pick(random, NASTY_KEYS), {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else if (kind < 0.9)
    frame.op = pick(random, [...frames.flatMap((other) => ('op' in other ? [other.op] : [])), ...NASTY_KEYS]);
  else frame.type = pick(random, ['call', 'listen', 'cancel', 'result', '__proto__', 7]);
}

function mutateText(random: Random, text: string): string {
  const at = whole(random, text.length);
  switch (whole(random, 5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + String.fromCharCode(32 + whole(random, 95)) + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + text.slice(whole(random, text.length));
    default:
      return text + pick(random, ['}', ' ', '\n', 'x', text]);
  }
}
