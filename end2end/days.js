// Days as addresses write them. The demo ends today, so tests reckon back from today.

const DAY_MS = 86_400_000;

/** The calendar day so many days before today, in the demo's timezone. */
export function daysAgo(days) {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
}
