// Counters, gauges and histograms in the Prometheus text format. Labels are text that the caller has put together
// (`verb="GET",code="200"`), so that counting costs one look-up; who counts bounds how many there are.

/** Something that /metrics shows. */
export interface Series {
  format(): string;
}

export interface Counter extends Series {
  add(labels: string, by?: number): void;
  /** Counts one more of these labels, which are then not looked for each time. */
  series(labels: string): () => void;
}

export interface Gauge extends Counter {
  set(labels: string, value: number): void;
}

export interface Histogram extends Series {
  observe(labels: string, value: number): void;
  /** The same for one set of labels, which is then not looked for each time. */
  series(labels: string): (value: number) => void;
}

/** The two lines that stand above a metric's samples. */
export function headOf(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** A label's value, quoted as the text format asks for. */
export function quoted(value: string): string {
  return `"${value.replace(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`;
}

/** One sample. */
export function sample(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}

/** Counts by labels. */
export function createCounter(name: string, help: string): Counter {
  return createValues(name, 'counter', help);
}

/** Values by labels that go up and down. */
export function createGauge(name: string, help: string): Gauge {
  return createValues(name, 'gauge', help);
}

function createValues(name: string, type: 'counter' | 'gauge', help: string): Gauge {
  const all = new Map<string, { value: number }>();
  const of = (labels: string): { value: number } => {
    let one = all.get(labels);
    if (one === undefined) all.set(labels, (one = { value: 0 }));
    return one;
  };
  return {
    add(labels, by = 1) {
      of(labels).value += by;
    },
    series(labels) {
      const one = of(labels);
      return () => void one.value++;
    },
    set(labels, value) {
      of(labels).value = value;
    },
    format: () =>
      headOf(name, type, help) + [...all].map(([labels, { value }]) => sample(name, labels, value)).join(''),
  };
}

interface Distribution {
  count: number;
  sum: number;
  readonly buckets: number[];
}

/** Distributions by labels, over buckets with these upper bounds (ascending; `+Inf` is added). */
export function createHistogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const all = new Map<string, Distribution>();
  const samplesOf = ([labels, { count, sum, buckets }]: [string, Distribution]): string => {
    const before = labels === '' ? '' : `${labels},`;
    let total = 0;
    const lines = bounds.map((bound, index) => {
      total += buckets[index] ?? 0;
      return sample(`${name}_bucket`, `${before}le="${bound}"`, total);
    });
    lines.push(sample(`${name}_bucket`, `${before}le="+Inf"`, count));
    return lines.join('') + sample(`${name}_sum`, labels, sum) + sample(`${name}_count`, labels, count);
  };
  const distributionOf = (labels: string): Distribution => {
    let one = all.get(labels);
    if (one === undefined) all.set(labels, (one = { count: 0, sum: 0, buckets: bounds.map(() => 0) }));
    return one;
  };
  const observe = (one: Distribution, value: number): void => {
    one.count++;
    one.sum += value;
    let slot = 0;
    while (slot < bounds.length && value > (bounds[slot] ?? Infinity)) slot++;
    if (slot < bounds.length) one.buckets[slot] = (one.buckets[slot] ?? 0) + 1;
  };
  return {
    observe: (labels, value) => observe(distributionOf(labels), value),
    series(labels) {
      const one = distributionOf(labels);
      return (value) => observe(one, value);
    },
    format: () => headOf(name, 'histogram', help) + [...all].map(samplesOf).join(''),
  };
}
