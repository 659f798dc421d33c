// Times as the API writes them: RFC 3339 in UTC, to the second, or to the microsecond for leases and events.

const shape = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Milliseconds as metav1.Time: `2026-11-23T15:40:12Z`. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Milliseconds as metav1.MicroTime: `2026-11-23T15:40:12.034000Z`. */
export function formatMicroTime(ms: number): string {
  const iso = new Date(Math.floor(ms)).toISOString();
  const micros = Math.floor((ms - Math.floor(ms)) * 1000);
  return `${iso.slice(0, 23)}${String(micros).padStart(3, '0')}Z`;
}

/** Milliseconds since the epoch of an RFC 3339 time, or undefined when it is none. */
export function parseTime(text: string): number | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, , month, day, hour, minute, second, fraction = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const fields = Date.parse(`${text.slice(0, 10)}T${hour}:${minute}:${second}${match[8]?.toUpperCase() ?? 'Z'}`);
  if (Number.isNaN(fields)) return undefined;
  const calendar = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (calendar.getUTCMonth() + 1 !== Number(month) || calendar.getUTCDate() !== Number(day)) return undefined;
  return fields + (fraction === '' ? 0 : Number(fraction) * 1000);
}

/** Whether text is an RFC 3339 time. */
export function isTime(text: string): boolean {
  return parseTime(text) !== undefined;
}

/** A span as upstream's tables show it: `5s`, `3m10s`, `12m`, `3h20m`, `26h`, `4d3h`, `40d`, `2y30d`, `9y`. */
export function formatAge(spanMs: number): string {
  const seconds = Math.trunc(spanMs / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return joined(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return joined(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 192) return joined(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return hours < 24 * 365 * 8 ? joined(years, 'y', days % 365, 'd') : `${years}y`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
