import type { PolicyWindow } from '../model/config/index.ts';

const MINUTE_MS = 60_000;
/** Time zones change their clocks at quarters of an hour, never within one. */
const QUARTER_MS = 15 * MINUTE_MS;
/** A window that opens once a week, on a day on which the clocks leave it out, opens within this time. */
const AHEAD_MS = 15 * 24 * 3_600_000;

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const DAY_OF_NAME: ReadonlyMap<string, number> = new Map(
  ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].map((name, day) => [name, day]),
);

/** What clocks on the wall show. */
interface WallTime {
  /** 0 for Sunday. */
  readonly day: number;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

/** False for a name that this system has no time zone for. */
export function isTimeZone(name: string): boolean {
  return formatOf(name) !== null;
}

/** True when changes may be made at this moment: one of the windows is open. */
export function isOpen(windows: readonly PolicyWindow[], nowMs: number): boolean {
  return windows.some((window) => {
    const wall = wallTime(window.timeZone, nowMs);
    return wall !== null && isOpenAt(window, wall);
  });
}

/** When the first of them is open, from this moment on, epoch ms; null when none ever is. */
export function opensAtMs(windows: readonly PolicyWindow[], fromMs: number): number | null {
  if (isOpen(windows, fromMs)) return fromMs;
  let minuteMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  while (minuteMs < fromMs + AHEAD_MS) {
    const untilMs = Math.floor(minuteMs / QUARTER_MS) * QUARTER_MS + QUARTER_MS;
    const walls = windows.map(({ timeZone }) => wallTime(timeZone, minuteMs));
    for (let on = 0; minuteMs < untilMs; on += 1, minuteMs += MINUTE_MS) {
      const opens = windows.some((window, index) => {
        const wall = walls[index];
        return wall !== undefined && wall !== null && isOpenAt(window, later(wall, on));
      });
      if (opens) return minuteMs;
    }
  }
  return null;
}

/** A window in words, such as `mon, tue 09:00 to 17:00 Europe/Berlin`. */
export function windowWords({ days, from, to, timeZone }: PolicyWindow): string {
  const when = days.length === DAYS.length ? 'every day' : days.join(', ');
  return `${when} ${from} to ${to} ${timeZone}`;
}

/** Open from `from` on, no longer at `to`. One that goes over midnight belongs to the day on which it opens. */
function isOpenAt({ days, from, to }: PolicyWindow, { day, minute }: WallTime): boolean {
  const opens = minuteOf(from);
  const closes = minuteOf(to);
  const has = (which: number): boolean => days.some((name) => DAYS[which % DAYS.length] === name);
  if (opens < closes) return has(day) && minute >= opens && minute < closes;
  if (opens === closes) return false;
  return (has(day) && minute >= opens) || (has(day + DAYS.length - 1) && minute < closes);
}

function later({ day, minute }: WallTime, minutes: number): WallTime {
  const sum = minute + minutes;
  return { day: (day + Math.floor(sum / 1_440)) % DAYS.length, minute: sum % 1_440 };
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

function wallTime(timeZone: string, atMs: number): WallTime | null {
  const format = formatOf(timeZone);
  if (format === null) return null;
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const day = DAY_OF_NAME.get(parts.get('weekday') ?? '');
  if (day === undefined) return null;
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = newFormat(timeZone);
  formats.set(timeZone, made);
  return made;
}

function newFormat(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch (error) {
    // What the platform throws for a name that it does not know; anything else is not to be taken for that.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
