import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../renderer/kit/theme/tokens.css', import.meta.url), 'utf8');

function tokens(theme: string): Map<string, string> {
  const block = new RegExp(`data-theme=["']${theme}["']\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  return new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1] ?? '', match[2] ?? '']));
}

/** Relative luminance (WCAG 2.2, 1.4.3). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const TEXTS = ['text', 'text-muted', 'accent', 'red', 'amber', 'green', 'blue', 'production'];
const SURFACES = ['bg', 'surface', 'surface-raised', 'surface-hover', 'surface-selected'];
const PAIRS: [string, string][] = [
  ...TEXTS.flatMap((text) => SURFACES.map((surface): [string, string] => [text, surface])),
  ['on-accent', 'accent-fill'],
  ['on-red', 'red-fill'],
  ['on-red', 'red-fill-hover'],
  ['on-production', 'production'],
  ['red', 'red-soft'],
  ['amber', 'amber-soft'],
  ['green', 'green-soft'],
  ['blue', 'blue-soft'],
  ['text', 'red-soft'],
  ['chart-all', 'surface'],
  ['chart-on', 'surface'],
  ['chart-off', 'surface'],
];

describe('themes', () => {
  it.each([
    ['light', 4.5],
    ['dark', 4.5],
    ['contrast', 7],
  ])('H1: text in %s has a contrast of at least %f', (theme, least) => {
    const values = tokens(theme);
    const bad = PAIRS.flatMap(([front, back]) => {
      const found = contrast(values.get(front) ?? '#000000', values.get(back) ?? '#000000');
      return found < least ? [`${front} on ${back}: ${found.toFixed(2)}`] : [];
    });
    expect(bad).toEqual([]);
  });

  it.each(['light', 'dark', 'contrast'])(
    'H1: borders of controls and the focus ring in %s stand out by 3 to 1',
    (theme) => {
      const values = tokens(theme);
      for (const name of ['border-strong', 'focus']) {
        expect(
          contrast(values.get(name) ?? '#000000', values.get('surface') ?? '#000000'),
          name,
        ).toBeGreaterThanOrEqual(3);
      }
    },
  );
});
