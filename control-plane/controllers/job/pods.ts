// The pods of a Job: how they are made and what their state counts as. Pure.
import type { Job, PodFailurePolicyRule } from '../../../api/kinds/batch/index.ts';
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { podFromTemplate } from '../pod-template.ts';

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index';
const failureCountAnnotation = 'batch.kubernetes.io/job-index-failure-count';

export function isIndexed(job: Readonly<Job>): boolean {
  return job.spec.completionMode === 'Indexed';
}

export function isTracked(pod: Readonly<Pod>): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

export function indexOf(pod: Readonly<Pod>): number {
  const text = pod.metadata.annotations?.[indexAnnotation] ?? '';
  return /^\d+$/.test(text) ? Number(text) : -1;
}

/** How often the pod's index had failed before the pod was made. */
export function earlierFailures(pod: Readonly<Pod>): number {
  return Number(pod.metadata.annotations?.[failureCountAnnotation] ?? 0) || 0;
}

/** The labels by which a Job finds its pods. */
export function jobLabels(job: Readonly<Job>): Record<string, string> {
  const { uid, name } = job.metadata;
  return {
    'batch.kubernetes.io/controller-uid': uid,
    'controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'job-name': name,
  };
}

/** A pod for the Job; for an index where the Job has them. */
export function jobPod(job: Readonly<Job>, index: number | undefined, failures: number): Draft<Pod> {
  const pod = podFromTemplate(job.spec.template, job);
  const labels = { ...(job.spec.manualSelector ? {} : jobLabels(job)), ...pod.metadata.labels };
  const finalizers = [...(pod.metadata.finalizers ?? []), trackingFinalizer];
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, labels, finalizers } };
  const annotations = {
    ...pod.metadata.annotations,
    [indexAnnotation]: String(index),
    ...(job.spec.backoffLimitPerIndex === undefined ? {} : { [failureCountAnnotation]: String(failures) }),
  };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: `${job.metadata.name}-${index}-`,
      labels: { ...labels, [indexAnnotation]: String(index) },
      annotations,
      finalizers,
    },
    spec: {
      ...pod.spec,
      hostname: pod.spec.hostname ?? `${job.metadata.name}-${index}`,
      containers: pod.spec.containers.map(withIndex),
      ...(pod.spec.initContainers ? { initContainers: pod.spec.initContainers.map(withIndex) } : {}),
    },
  };
}

function withIndex(container: Container): Container {
  const name = 'JOB_COMPLETION_INDEX';
  if (container.env?.some((variable) => variable.name === name)) return container;
  const valueFrom = { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.annotations['${indexAnnotation}']` } };
  return { ...container, env: [...(container.env ?? []), { name, valueFrom }] };
}

/** Whether the pod counts as failed; while only failed pods are replaced, one that is leaving does not yet. */
export function isFailed(job: Readonly<Job>, pod: Readonly<Pod>): boolean {
  if (pod.status?.phase === 'Failed') return true;
  const waitsForEnd = job.spec.podFailurePolicy !== undefined || job.spec.podReplacementPolicy === 'Failed';
  return !waitsForEnd && pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

/** The first rule of the pod failure policy that a failed pod meets, with upstream's sentence about it. */
export function matchFailurePolicy(
  job: Readonly<Job>,
  pod: Readonly<Pod>,
): { action: PodFailurePolicyRule['action']; message: string } | undefined {
  const where = `${pod.metadata.namespace}/${pod.metadata.name}`;
  for (const [at, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const { onExitCodes, onPodConditions, action } = rule;
    if (onExitCodes) {
      for (const { name, state } of [
        ...(pod.status?.containerStatuses ?? []),
        ...(pod.status?.initContainerStatuses ?? []),
      ]) {
        const exitCode = state?.terminated?.exitCode;
        if (
          exitCode === undefined ||
          exitCode === 0 ||
          (onExitCodes.containerName && onExitCodes.containerName !== name)
        )
          continue;
        if (onExitCodes.values.includes(exitCode) !== (onExitCodes.operator === 'In')) continue;
        return {
          action,
          message: `Container ${name} for pod ${where} failed with exit code ${exitCode} matching ${action} rule at index ${at}`,
        };
      }
    }
    for (const pattern of onPodConditions ?? []) {
      const met = pod.status?.conditions?.some(
        ({ type, status }) => type === pattern.type && status === (pattern.status ?? 'True'),
      );
      if (met)
        return { action, message: `Pod ${where} has condition ${pattern.type} matching ${action} rule at index ${at}` };
    }
  }
  return undefined;
}

/** When the pod ended, as well as it can be told. */
export function endedMs(pod: Readonly<Pod>): number {
  const times = (pod.status?.containerStatuses ?? []).map(({ state }) =>
    Date.parse(state?.terminated?.finishedAt ?? ''),
  );
  const known = times.filter((ms) => !Number.isNaN(ms));
  if (known.length > 0) return Math.max(...known);
  return Date.parse(pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp);
}
