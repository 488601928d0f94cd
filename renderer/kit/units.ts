import type { SliUnit } from '../../shared/model/sli.ts';

const BYTE_STEPS: readonly [number, string][] = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
];

/** Three significant figures without an exponent, in the operator's language. */
function figures(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 3, useGrouping: true }).format(value);
}

const cache = new Map<string, string>();

/** `1.9 s`, `240 ms`, `0.42 %`, `120 /s`, `3.4 MB`: a value with its unit, for people. */
export function formatValue(value: number, unit: SliUnit, language = 'en'): string {
  const key = `${language} ${unit} ${value}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size > 5000) cache.clear();
  const text = format(value, unit, language);
  cache.set(key, text);
  return text;
}

function format(value: number, unit: SliUnit, language: string): string {
  switch (unit) {
    case 's':
      return value !== 0 && Math.abs(value) < 0.9995
        ? `${figures(value * 1000, language)} ms`
        : `${figures(value, language)} s`;
    case 'ms':
      return `${figures(value, language)} ms`;
    case 'ratio':
      return `${figures(value * 100, language)} %`;
    case 'percent':
      return `${figures(value, language)} %`;
    case 'per_second':
      return `${figures(value, language)} /s`;
    case 'count':
      return figures(value, language);
    case 'bytes': {
      const step = BYTE_STEPS.find(([size]) => Math.abs(value) >= size);
      return step ? `${figures(value / step[0], language)} ${step[1]}` : `${figures(value, language)} B`;
    }
  }
}
