/** Days as a shop lives them: of its own time zone, as `YYYY-MM-DD`. Pure; it must never know today. */

const DAY_MS = 86_400_000;
/** Zones of one process; there are about 600. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** @param timeZone an IANA name. @throws RangeError for a zone that is none */
export function localDay(atMs: number, timeZone: string): string {
  const { year, month, day } = partsOf(atMs, timeZone);
  return `${year}-${month}-${day}`;
}

/** @returns when the day begins there, unix ms; where clocks jump over midnight, the first instant after; where they bring it twice, the first. */
export function dayStartMs(day: string, timeZone: string): number {
  const asUtcMs = Date.parse(day);
  // Clocks change once in these two days at most: one of the two guesses knows the right side of it.
  const guesses = [asUtcMs - DAY_MS, asUtcMs + DAY_MS].map((atMs) => asUtcMs - offsetMs(atMs, timeZone));
  const within = guesses.filter((atMs) => localDay(atMs, timeZone) === day);
  // A place that changed the side of the date line has no such day at all.
  return within.length === 0 ? Math.max(...guesses) : Math.min(...within);
}

/** `localDay` of many instants: asks the calendar once a day when they come in order of time. */
export function dayNamer(timeZone: string): (atMs: number) => string {
  let day = '';
  let [fromMs, toMs] = [0, 0];
  return (atMs) => {
    if (atMs < fromMs || atMs >= toMs) {
      day = localDay(atMs, timeZone);
      [fromMs, toMs] = [dayStartMs(day, timeZone), dayStartMs(dayAfter(day, 1), timeZone)];
    }
    return day;
  };
}

/** The day so many days later; before, when negative. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Ahead of UTC, at that instant. */
function offsetMs(atMs: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = partsOf(atMs, timeZone);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - Math.floor(atMs / 1_000) * 1_000;
}

function partsOf(atMs: number, timeZone: string): Record<string, string> {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const [year, two] = ['numeric', '2-digit'] as const;
    const wanted = { timeZone, hourCycle: 'h23', year, month: two, day: two, hour: two, minute: two, second: two } as const;
    format = new Intl.DateTimeFormat('en-US', wanted);
    formats.set(timeZone, format);
  }
  return Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
}
