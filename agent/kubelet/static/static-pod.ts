// A pod from a manifest on this machine, as upstream makes it: named after its node, with a uid that follows from its
// content, bound here, and staying when the node has problems. Pure.
import { createHash } from 'node:crypto';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';

export const staticAnnotations = {
  source: 'kubernetes.io/config.source',
  hash: 'kubernetes.io/config.hash',
  mirror: 'kubernetes.io/config.mirror',
  seen: 'kubernetes.io/config.seen',
} as const;

/** Makes a pod of what a manifest says; `path` and `content` tell it from all others. */
export function staticPod(manifest: Pod, path: string, content: string, nodeName: string): Pod {
  const { metadata, spec } = manifest;
  const uid =
    metadata.uid ??
    createHash('sha256').update(`host:${nodeName}\nfile:${path}\n${content}`).digest('hex').slice(0, 32);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName.toLowerCase()}`,
      namespace: metadata.namespace ?? 'default',
      uid,
      resourceVersion: '',
      creationTimestamp: '',
      annotations: {
        ...metadata.annotations,
        [staticAnnotations.source]: 'file',
        [staticAnnotations.hash]: uid,
      },
    },
    spec: {
      ...spec,
      nodeName,
      tolerations: [...(spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
    status: { phase: 'Pending' },
  };
}

/** The API's picture of a static pod: it can be looked at, and changes nothing. */
export function mirrorOf(pod: Readonly<Pod>, node: { readonly name: string; readonly uid: string }): Draft<Pod> {
  const { uid, resourceVersion: _version, creationTimestamp: _time, ...metadata } = pod.metadata;
  const owner = { apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid, controller: true };
  const annotations = { ...metadata.annotations, [staticAnnotations.mirror]: uid };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, annotations, ownerReferences: [owner] },
    spec: pod.spec,
  };
}

/** Which static pod (by uid) a pod of the API is the picture of; undefined when it is an ordinary pod. */
export function mirroredUid(pod: Readonly<Pod>): string | undefined {
  return pod.metadata.annotations?.[staticAnnotations.mirror];
}
