// Numbers, sizes and times as people of the current language write them.
import { computed, onScopeDispose, ref, type ComputedRef, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';

const nowMs = ref(Date.now());
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The time, refreshed every second while anything shows an age. */
export function useNow(): Readonly<Ref<number>> {
  watchers++;
  timer ??= setInterval(() => (nowMs.value = Date.now()), 1000);
  onScopeDispose(() => {
    if (--watchers > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
  return nowMs;
}

const units = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1000 },
] as const;

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export interface Format {
  /** How long ago, in the largest whole unit: 5s, 3m, 2h, 4d. */
  age(atMs: number | undefined): string;
  /** A span of time in its two largest units. */
  duration(ms: number): string;
  /** Date and time to the second. */
  moment(atMs: number | undefined): string;
  /** The time of day, for log lines. */
  timeOfDay(atMs: number): string;
  number(value: number, digits?: number): string;
  percent(share: number): string;
  bytes(bytes: number): string;
  /** Cores from thousandths, without the unit. */
  cores(milli: number): string;
}

/** Formatting in the current language; ages refresh by themselves. */
export function useFormat(): Format {
  const { locale } = useI18n();
  const now = useNow();
  const span = (value: number, unit: string): string =>
    new Intl.NumberFormat(locale.value, { style: 'unit', unit, unitDisplay: 'narrow' }).format(value);
  const number = (value: number, digits = 0): string =>
    new Intl.NumberFormat(locale.value, { maximumFractionDigits: digits }).format(value);
  const moment: ComputedRef<Intl.DateTimeFormat> = computed(
    () => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'medium' }),
  );
  const clock = computed(() => new Intl.DateTimeFormat(locale.value, { timeStyle: 'medium', hourCycle: 'h23' }));

  return {
    age(atMs) {
      if (atMs === undefined) return '—';
      const passed = Math.max(0, now.value - atMs);
      const fit = units.find(({ ms }) => passed >= ms) ?? units[3];
      return span(Math.floor(passed / fit.ms), fit.unit);
    },
    duration(ms) {
      const first = units.findIndex((unit) => ms >= unit.ms);
      if (first < 0) return span(Math.round(ms / 100) / 10, 'second');
      const largest = units[first];
      if (largest === undefined || largest.unit === 'second') return span(Math.round(ms / 100) / 10, 'second');
      const smaller = units[first + 1];
      const whole = Math.floor(ms / largest.ms);
      const rest = smaller === undefined ? 0 : Math.floor((ms - whole * largest.ms) / smaller.ms);
      return smaller === undefined || rest === 0
        ? span(whole, largest.unit)
        : `${span(whole, largest.unit)} ${span(rest, smaller.unit)}`;
    },
    moment: (atMs) => (atMs === undefined ? '—' : moment.value.format(atMs)),
    timeOfDay: (atMs) => clock.value.format(atMs),
    number,
    percent: (share) => new Intl.NumberFormat(locale.value, { style: 'percent' }).format(share),
    bytes(bytes) {
      let value = bytes;
      let power = 0;
      while (value >= 1024 && power < binary.length - 1) {
        value /= 1024;
        power++;
      }
      return `${number(value, value >= 100 || power === 0 ? 0 : 1)} ${binary[power] ?? ''}`;
    },
    cores: (milli) => number(milli / 1000, milli < 1000 ? 2 : 1),
  };
}
