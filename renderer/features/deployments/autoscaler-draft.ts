// The autoscaler's form: texts as they are typed, and the settings that they stand for. Pure.
import type { AutoscalerSettings } from '../../../api/console/index.ts';

export interface AutoscalerDraft {
  readonly least: string;
  readonly most: string;
  /** Empty: not looked at. */
  readonly cpuPercent: string;
  readonly memoryPercent: string;
  readonly quietSeconds: string;
}
type Writable<T> = { -readonly [K in keyof T]: T[K] };

const usual = { cpuPercent: 70, quietSeconds: 300 };

/** What the form begins with: the settings there are or, for a workload without, a proposal around its pods now. */
export function draftOf(settings: AutoscalerSettings | undefined, replicas: number): Writable<AutoscalerDraft> {
  const { least, most, cpuPercent, memoryPercent, quietSeconds } = settings ?? {
    least: Math.max(1, Math.min(2, replicas)),
    most: Math.max(4, replicas * 2),
    memoryPercent: undefined,
    ...usual,
  };
  return {
    least: String(least),
    most: String(most),
    cpuPercent: cpuPercent === undefined ? '' : String(cpuPercent),
    memoryPercent: memoryPercent === undefined ? '' : String(memoryPercent),
    quietSeconds: String(quietSeconds),
  };
}

/** The settings, or what is wrong with the form. */
export function settingsOf(draft: AutoscalerDraft): AutoscalerSettings | 'noMetric' | 'wrongOrder' {
  const number = (text: string | number): number | undefined => {
    const value = Math.round(Number(text));
    return String(text).trim() === '' || !Number.isFinite(value) || value < 1 ? undefined : value;
  };
  const [least, most] = [number(draft.least), number(draft.most)];
  const [cpuPercent, memoryPercent] = [number(draft.cpuPercent), number(draft.memoryPercent)];
  if (least === undefined || most === undefined || least > most) return 'wrongOrder';
  if (cpuPercent === undefined && memoryPercent === undefined) return 'noMetric';
  return { least, most, cpuPercent, memoryPercent, quietSeconds: Number(draft.quietSeconds) };
}
