// The shape of one control of the Pod Security Standards, and the words that its faults are told in. Pure.
import type { Container, Pod, PodSpec } from '../../../../api/kinds/core/index.ts';
import type { Level } from './levels.ts';

/** What a check reads: a pod, or the template that a workload makes pods from. */
export interface PodLike {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Readonly<PodSpec>;
}

/** Why a pod is outside the standard: a short reason for summaries, a detail that says where. */
export interface Fault {
  readonly reason: string;
  readonly detail: string;
}

export interface CheckVersion {
  /** The first minor version of Kubernetes 1 that this holds for. */
  readonly since: number;
  readonly judge: (pod: PodLike) => Fault | undefined;
  /** Laxer checks that this one contains: they are left out beside it. */
  readonly replaces?: readonly string[];
}

/** One control, with how it changed from version to version, oldest first. */
export interface Check {
  readonly id: string;
  readonly level: Exclude<Level, 'privileged'>;
  readonly versions: readonly CheckVersion[];
}

export type AnyContainer = Pick<
  Container,
  'name' | 'securityContext' | 'ports' | 'livenessProbe' | 'readinessProbe' | 'startupProbe' | 'lifecycle'
>;

/** Init, ordinary and ephemeral containers, in that order. */
export function containersOf({ spec }: PodLike): readonly AnyContainer[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec as Partial<Pod['spec']>;
  return [...initContainers, ...containers, ...ephemeralContainers];
}

/** Names of the containers that fail a test. */
export function failing(pod: PodLike, isBad: (container: AnyContainer) => boolean): string[] {
  return containersOf(pod)
    .filter(isBad)
    .map(({ name }) => name);
}

export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

export function quoted(names: Iterable<string>): string {
  return [...names].map((name) => JSON.stringify(name)).join(', ');
}

/** `container "a"`, `containers "a", "b"`. */
export function namedContainers(names: readonly string[]): string {
  return `${plural('container', names.length)} ${quoted(names)}`;
}

/** `pod and containers "a", "b"`: who sets what may not be set. */
export function settersOf(bySpec: boolean, containers: readonly string[]): string {
  return [...(bySpec ? ['pod'] : []), ...(containers.length > 0 ? [namedContainers(containers)] : [])].join(' and ');
}

/** Distinct values in order. */
export function sorted(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}

export function isWindows({ spec }: PodLike): boolean {
  return spec.os?.name === 'windows';
}

/** In a user namespace, root inside is nobody outside. */
export function hasUserNamespace({ spec }: PodLike): boolean {
  return spec.hostUsers === false;
}
