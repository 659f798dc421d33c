// What a cron schedule may look like: five fields, or a word such as @daily, or @every with a duration.

interface Range {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const ranges: readonly Range[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];

/** What is wrong with a schedule, or undefined. */
export function cronFault(schedule: string): string | undefined {
  if (/\b(CRON_)?TZ=/.test(schedule)) return 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
  if (schedule.startsWith('@')) {
    const known =
      /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$|^@every (\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;
    return known.test(schedule) ? undefined : `unrecognized descriptor: ${schedule}`;
  }
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  for (const [index, field] of fields.entries()) {
    const range = ranges[index];
    const fault =
      range &&
      field
        .split(',')
        .map((term) => termFault(term, range))
        .find((found) => found !== undefined);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function termFault(term: string, range: Range): string | undefined {
  const [span = '', step, surplus] = term.split('/');
  if (surplus !== undefined) return `too many slashes: ${term}`;
  if (step !== undefined && !/^[1-9]\d*$/.test(step)) return `failed to parse int from ${step}`;
  if (span === '*' || span === '?') return undefined;
  const ends = span.split('-');
  if (ends.length > 2) return `too many hyphens: ${term}`;
  const [low, high = low] = ends.map((end) => valueOf(end, range));
  if (low === undefined || high === undefined) return `failed to parse int from ${span}`;
  if (low < range.min) return `beginning of range (${low}) below minimum (${range.min}): ${term}`;
  if (high > range.max) return `end of range (${high}) above maximum (${range.max}): ${term}`;
  return low > high ? `beginning of range (${low}) beyond end of range (${high}): ${term}` : undefined;
}

function valueOf(text: string, { min, names }: Range): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + min;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
