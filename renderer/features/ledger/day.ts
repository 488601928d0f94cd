const formats = new Map<string, Intl.DateTimeFormat>();

/** "Sat 21 Nov", with the year where it is not this one; in the operator's zone, like the clock beside it. */
export function dayText(atMs: number, language: string, nowMs = Date.now()): string {
  const year = new Date(atMs).getFullYear() !== new Date(nowMs).getFullYear();
  const key = `${language} ${year}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      ...(year ? { year: 'numeric' as const } : {}),
    });
    formats.set(key, format);
  }
  return format.format(atMs);
}

export function sameDay(aMs: number, bMs: number): boolean {
  return new Date(aMs).toDateString() === new Date(bMs).toDateString();
}
