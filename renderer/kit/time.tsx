import { useLanguage } from '../messages/index.ts';
export { durationText } from '../messages/duration.ts';
import { useNow } from './clock.ts';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** `02:09`, or `02:09:41`, in the operator's zone. */
export function clockTime(atMs: number, seconds = false): string {
  return (seconds ? clockSeconds : clock).format(atMs);
}

/** `2026-11-21 02:09:41Z`. */
export function utcTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** "now", "jetzt". */
function nowWord(language: string): string {
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(0, 'second');
}

const relativeFormats = new Map<string, Intl.RelativeTimeFormat>();

/** `4 min ago`, in the largest unit that fits, rounded down; `now` within the same second. */
export function relativeTime(atMs: number, nowMs: number, language: string): string {
  let format = relativeFormats.get(language);
  if (!format) {
    format = new Intl.RelativeTimeFormat(language === 'en' ? 'en-GB' : language, { numeric: 'always', style: 'short' });
    relativeFormats.set(language, format);
  }
  const distance = atMs - nowMs;
  for (const [unit, ms] of UNITS) {
    if (Math.abs(distance) >= ms) return format.format(Math.trunc(distance / ms), unit);
  }
  return nowWord(language);
}

export interface TimeProps {
  readonly atMs: number;
  /** `relative`: exact time on hover. `clock`: 02:09:41. `record`: local time with UTC beside it (H2). */
  readonly as?: 'relative' | 'clock' | 'record' | undefined;
}

export function Time({ atMs, as = 'relative' }: TimeProps) {
  const iso = new Date(atMs).toISOString();
  const exact = `${clockTime(atMs, true)} · ${utcTime(atMs)}`;
  if (as === 'relative') return <Relative atMs={atMs} iso={iso} exact={exact} />;
  return (
    <time dateTime={iso} title={exact}>
      {as === 'clock' ? clockTime(atMs, true) : exact}
    </time>
  );
}

function Relative({ atMs, iso, exact }: { readonly atMs: number; readonly iso: string; readonly exact: string }) {
  const language = useLanguage((state) => state.language);
  const now = useNow();
  return (
    <time dateTime={iso} title={exact}>
      {relativeTime(Math.min(atMs, now), now, language)}
    </time>
  );
}
