// Values that are a number, or a name (of a port) or a percentage.

export type IntOrString = number | string;

const percentage = /^(\d+)%$/;

/** Whether the value is a percentage such as `25%`. */
export function isPercentage(value: IntOrString): value is string {
  return typeof value === 'string' && percentage.test(value);
}

/** The number that a value stands for, of a total where it is a percentage; undefined when it is neither. */
export function scaledValue(value: IntOrString, total: number, round: 'up' | 'down'): number | undefined {
  if (typeof value === 'number') return value;
  const match = percentage.exec(value);
  if (match === null) return undefined;
  const exact = Number(match[1]) * total;
  return round === 'up' ? Math.ceil(exact / 100) : Math.floor(exact / 100);
}
