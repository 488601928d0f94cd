/** The same number, 0 up to 1, for the same seed, name and whole number: noise that a second look finds again. */
export function uniform(seed: number, name: string, index: number): number {
  let hash = (seed ^ 0x9e3779b9) >>> 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  hash = mix(hash ^ (index % 0x1_0000_0000));
  hash = mix(hash ^ Math.floor(index / 0x1_0000_0000));
  return hash / 0x1_0000_0000;
}

/** Final mixing of MurmurHash3. */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A factor around 1: jitter from second to second, on a slow wave of traffic. Stays within ±`swing`. */
export function wobble(seed: number, name: string, atMs: number, swing: number): number {
  const second = Math.floor(atMs / 1000);
  const jitter = uniform(seed, name, second) + uniform(seed, `${name}/2`, second) - 1;
  const period = 500 + 900 * uniform(seed, `${name}/period`, 0);
  const wave = Math.sin((2 * Math.PI * second) / period + 6 * uniform(seed, `${name}/phase`, 0));
  return 1 + swing * (0.6 * jitter + 0.4 * wave);
}
