// Metadata bookkeeping: what the server alone decides on create and update. Pure.
import { randomFillSync, randomUUID } from 'node:crypto';
import type { KubernetesObject, ObjectMeta } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { sameJson } from '../../../api/schema/json-value.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { badRequest } from './errors.ts';

/** Upstream's alphabet: no vowels and no look-alikes, so that no words and no doubts arise. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const longestGeneratedBase = 63 - suffixLength;

const randomPool = Buffer.alloc(1024);
let randomAt = randomPool.length;

/** From a pool, because asking for a few random bytes costs as much as for a thousand. */
function randomByte(): number {
  if (randomAt === randomPool.length) {
    randomFillSync(randomPool);
    randomAt = 0;
  }
  return randomPool[randomAt++] ?? 0;
}

/** A name from `generateName`. */
export function generateName(base: string): string {
  let suffix = '';
  while (suffix.length < suffixLength) {
    const byte = randomByte();
    // 243 = 9 × 27: larger bytes are thrown away, so that every letter is equally likely.
    if (byte < 243) suffix += suffixAlphabet[byte % suffixAlphabet.length];
  }
  return base.slice(0, longestGeneratedBase) + suffix;
}

/** Completes metadata of a new object: name, namespace, uid, time; removes what only the server sets. */
export function stampForCreate(
  definition: ResourceDefinition,
  object: KubernetesObject,
  namespace: string,
  nowMs: number,
): void {
  const { metadata } = object;
  setNamespace(definition, metadata, namespace);
  if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  if (!metadata.name && metadata.generateName) metadata.name = generateName(metadata.generateName);
  metadata.uid = randomUUID();
  metadata.creationTimestamp = formatTime(nowMs);
  metadata.resourceVersion = '';
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  if (tracksGeneration(definition)) metadata.generation = 1;
  else delete metadata.generation;
}

/** The object's namespace is the request's; a different one in the body is an error. */
export function setNamespace(definition: ResourceDefinition, metadata: Partial<ObjectMeta>, namespace: string): void {
  if (!definition.namespaced) {
    if (metadata.namespace) throw badRequest('namespace: Forbidden: not allowed on this type');
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = namespace;
}

/** Carries over what an update cannot change, and counts the generation when more than metadata and status changed. */
export function carryMetadata(
  definition: ResourceDefinition,
  next: KubernetesObject,
  previous: Readonly<KubernetesObject>,
  mayChangeSpec: boolean,
): void {
  const { metadata } = next;
  const was = previous.metadata;
  metadata.name = was.name;
  if (was.namespace !== undefined) metadata.namespace = was.namespace;
  metadata.uid = was.uid;
  metadata.creationTimestamp = was.creationTimestamp;
  copyOrDrop(metadata, was, 'deletionTimestamp');
  copyOrDrop(metadata, was, 'deletionGracePeriodSeconds');
  copyOrDrop(metadata, was, 'generation');
  copyOrDrop(metadata, was, 'generateName');
  delete metadata.selfLink;
  if (metadata.managedFields === undefined) copyOrDrop(metadata, was, 'managedFields');
  if (mayChangeSpec && tracksGeneration(definition) && !sameDesire(next, previous)) {
    metadata.generation = (was.generation ?? 0) + 1;
  }
}

function copyOrDrop<K extends keyof ObjectMeta>(to: Partial<ObjectMeta>, from: Readonly<ObjectMeta>, key: K): void {
  if (from[key] === undefined) delete to[key];
  else to[key] = from[key];
}

/** Whether two objects agree in everything but metadata and status. */
export function sameDesire(a: Readonly<KubernetesObject>, b: Readonly<KubernetesObject>): boolean {
  const desire = (object: object): Record<string, unknown> => {
    const {
      metadata: _metadata,
      status: _status,
      apiVersion: _apiVersion,
      kind: _kind,
      ...rest
    } = object as Record<string, unknown>;
    return rest;
  };
  const [one, other] = [desire(a), desire(b)];
  // Mostly they do. Where they seem to differ, members that are only undefined do not count.
  return sameJson(one, other) || stableJson(one) === stableJson(other);
}

/** JSON with keys in order, so that equal values have equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).filter(([, field]) => field !== undefined);
    return Object.fromEntries(entries.sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0)));
  });
}

const generationKinds = new Set(
  (
    '/Pod /ReplicationController apps/Deployment apps/ReplicaSet apps/StatefulSet apps/DaemonSet batch/Job batch/CronJob policy/PodDisruptionBudget ' +
    'networking.k8s.io/Ingress networking.k8s.io/NetworkPolicy networking.k8s.io/IngressClass scheduling.k8s.io/PriorityClass ' +
    'flowcontrol.apiserver.k8s.io/FlowSchema flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration apiextensions.k8s.io/CustomResourceDefinition ' +
    'admissionregistration.k8s.io/ValidatingWebhookConfiguration admissionregistration.k8s.io/MutatingWebhookConfiguration ' +
    'admissionregistration.k8s.io/ValidatingAdmissionPolicy admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding ' +
    'admissionregistration.k8s.io/MutatingAdmissionPolicy admissionregistration.k8s.io/MutatingAdmissionPolicyBinding ' +
    'discovery.k8s.io/EndpointSlice'
  ).split(' '),
);

/** Whether the kind counts generations: upstream's list, and every custom resource. */
export function tracksGeneration(definition: ResourceDefinition): boolean {
  return generationKinds.has(`${definition.group}/${definition.kind}`) || 'custom' in definition;
}
