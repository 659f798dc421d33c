// What the journal says of Secrets, and of whatever else is sealed in etcd: that they changed, never what they hold.
// Values become digests under a key of this master, so that equal values look equal and nothing can be guessed.
import { createHmac } from 'node:crypto';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';

/** Sealed whether or not etcd is: the journal is a file like any other. */
export const secretPrefix = '/registry/secrets/';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const shownLength = 16;

/** The object's JSON with digests for everything but its names, labels and dates. */
export function redact(object: KubernetesObject, key: Uint8Array): string {
  const { apiVersion, kind, metadata, ...content } = object;
  const annotations = { ...metadata.annotations };
  delete annotations[lastApplied];
  const digest = (value: unknown): string =>
    `hmac-sha256:${createHmac('sha256', key).update(JSON.stringify(value)).digest('hex').slice(0, shownLength)}`;
  const digests = (members: object): object =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, digest(value)]));
  const { data, ...rest } = content as { data?: Record<string, unknown> };
  return JSON.stringify({
    apiVersion,
    kind,
    metadata: { ...metadata, annotations },
    ...(data !== undefined && { data: digests(data) }),
    ...digests(rest),
  });
}
