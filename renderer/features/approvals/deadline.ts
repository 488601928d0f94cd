import { clockTime } from '../../kit/index.ts';

const DAY_MS = 86_400_000;

/** `09:11`; with its day where that is not within the next hours: `22 Nov, 08:42`. */
export function deadlineText(atMs: number, nowMs: number, language: string): string {
  const today = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  if (today && Math.abs(atMs - nowMs) < DAY_MS) return clockTime(atMs);
  const day = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { day: 'numeric', month: 'short' });
  return `${day.format(atMs)}, ${clockTime(atMs)}`;
}
