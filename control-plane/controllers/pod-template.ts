// Pods made from templates, and the hash by which a template is told from another.
import type { Pod, PodTemplateSpec } from '../../api/kinds/core/index.ts';
import type { Draft, KubernetesObject, OwnerReference } from '../../api/meta/object-meta.ts';
import { isSame } from './same.ts';

export const podTemplateHashLabel = 'pod-template-hash';

/** The reference that makes `owner` the controller of what carries it. */
export function controllerRefOf(owner: Readonly<KubernetesObject>): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** A pod as the template asks, owned by `owner`; the server draws its name. */
export function podFromTemplate(template: Readonly<PodTemplateSpec>, owner: Readonly<KubernetesObject>): Draft<Pod> {
  return {
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      labels: { ...template.metadata?.labels },
      annotations: template.metadata?.annotations ? { ...template.metadata.annotations } : undefined,
      finalizers: template.metadata?.finalizers ? [...template.metadata.finalizers] : undefined,
      ownerReferences: [controllerRefOf(owner)],
    },
    spec: structuredClone(template.spec) as Pod['spec'],
  };
}

/** Whether two templates ask for the same pods; the hash label, which controllers add, does not count. */
export function isSameTemplate(a: Readonly<PodTemplateSpec>, b: Readonly<PodTemplateSpec>): boolean {
  return isSame(withoutHash(a), withoutHash(b));
}

function withoutHash(template: Readonly<PodTemplateSpec>): unknown {
  if (template.metadata?.labels?.[podTemplateHashLabel] === undefined) return template;
  const { [podTemplateHashLabel]: _hash, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}

const safeLetters = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name for a value: FNV-1a over its canonical JSON, in letters that spell no words; `collisions` vary it. */
export function hashOf(value: unknown, collisions: number = 0): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(canonicalJson(value) + (collisions > 0 ? `#${collisions}` : ''))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return [...String(hash)].map((digit) => safeLetters[digit.charCodeAt(0) % safeLetters.length]).join('');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}
