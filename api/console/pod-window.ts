// Part of a long list of pods: sorted, searched and counted by the services, which hold them all.
import type { PodRow, PodState } from './pods.ts';
import { podTone } from './pods.ts';
import type { Tone } from './rows.ts';

/** What a list of pods can be narrowed to. */
export const podFilters = ['all', 'running', 'waiting', 'failing', 'done'] as const;
export type PodFilter = (typeof podFilters)[number];

export const podSorts = ['name', 'state', 'namespace', 'owner', 'node', 'ready', 'restarts', 'age'] as const;
export type PodSort = (typeof podSorts)[number];

const filterOfTone: Readonly<Record<Tone, PodFilter>> = {
  good: 'running',
  busy: 'waiting',
  warn: 'waiting',
  bad: 'failing',
  idle: 'done',
};

/** The filter that a pod in this state passes, beside `all`. */
export function podFilterOf(state: PodState): PodFilter {
  return filterOfTone[podTone[state]];
}

/** What of the list is wanted. */
export interface PodWindow {
  readonly filter: PodFilter;
  /** Words that must all occur in a row. */
  readonly search?: string;
  readonly sort: { readonly by: PodSort; readonly descending: boolean };
  readonly offset: number;
  readonly limit: number;
}

/** What of the list is there; an offset behind the end gives the last rows. */
export interface PodPage {
  readonly rows: readonly PodRow[];
  readonly offset: number;
  /** How many rows pass filter and search. */
  readonly matching: number;
  /** How many pods pass each filter, whatever is searched for. */
  readonly counts: Readonly<Record<PodFilter, number>>;
}
