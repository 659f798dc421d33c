// What the node counts as running short: upstream's eviction thresholds, hard ones that act at once and soft ones that must
// last. Pure. The text is upstream's: `memory.available<100Mi,nodefs.available<10%`.
import { quantityToBytes } from '../../../api/meta/quantity.ts';

export const evictionSignals = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
] as const;

export type EvictionSignal = (typeof evictionSignals)[number];

/** How much of something there is, in bytes, inodes or process ids. */
export interface Supply {
  readonly available: number;
  readonly capacity: number;
}

export interface Threshold {
  readonly signal: EvictionSignal;
  /** As it was written, for messages. */
  readonly quantity: string;
  /** Of a soft threshold: how long it must have been crossed. */
  readonly graceMs?: number;
}

/** Upstream's defaults, and process ids. */
export const defaultEvictionHard =
  'memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%,pid.available<5%';

/** Hard and soft thresholds. Throws a RangeError that names what cannot be understood. */
export function parseThresholds(hard: string, soft: string, softGrace: string): Threshold[] {
  const graces = new Map(pairs(softGrace, '=').map(([signal, text]) => [signalOf(signal), durationMs(text)]));
  const soften = ([signal, quantity]: [string, string]): Threshold => {
    const graceMs = graces.get(signalOf(signal));
    if (graceMs === undefined) throw new RangeError(`the soft threshold ${signal} needs a grace period`);
    return { signal: signalOf(signal), quantity: checkQuantity(quantity), graceMs };
  };
  return [
    ...pairs(hard, '<').map(([signal, quantity]) => ({
      signal: signalOf(signal),
      quantity: checkQuantity(quantity),
    })),
    ...pairs(soft, '<').map(soften),
  ];
}

export function isCrossed({ quantity }: Threshold, { available, capacity }: Supply): boolean {
  const limit = quantity.endsWith('%') ? (capacity * parseFloat(quantity)) / 100 : quantityToBytes(quantity);
  return available < limit;
}

/** The resource that a signal is about, as pods and conditions name it. */
export function resourceOf(signal: EvictionSignal): 'memory' | 'ephemeral-storage' | 'pids' {
  if (signal === 'memory.available') return 'memory';
  return signal === 'pid.available' ? 'pids' : 'ephemeral-storage';
}

function pairs(text: string, between: string): [string, string][] {
  const parts = text.split(',').filter((part) => part !== '');
  return parts.map((part) => {
    const at = part.indexOf(between);
    if (at < 1) throw new RangeError(`"${part}" is not SIGNAL${between}VALUE`);
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
}

function signalOf(text: string): EvictionSignal {
  const found = evictionSignals.find((signal) => signal === text);
  if (found === undefined) throw new RangeError(`"${text}" is none of ${evictionSignals.join(', ')}`);
  return found;
}

function checkQuantity(text: string): string {
  if (/^\d+(\.\d+)?%$/.test(text) && parseFloat(text) <= 100) return text;
  if (text.endsWith('%')) throw new RangeError(`"${text}" is no share up to 100%`);
  try {
    if (quantityToBytes(text) >= 0) return text;
  } catch {
    // told below
  }
  throw new RangeError(`"${text}" is neither a quantity nor a share`);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A duration as Go writes it: `1m30s`. */
function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== text)
    throw new RangeError(`"${text}" is no duration such as 1m30s`);
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0), 0);
}
