// The payloads of ConfigMap, Secret, downward API and projected volumes. Reads objects and tokens through what it is given;
// a missing required object rejects with the sentence for the pod's FailedMount event.
import type { ClusterTrustBundle } from '../../api/kinds/certificates/index.ts';
import type { ConfigMap, Pod, Volume } from '../../api/kinds/core/index.ts';
import { ConfigurationError } from '../kubelet/containers/environment.ts';
import type { ObjectLookUp } from '../kubelet/containers/environment.ts';
import { podField, resourceField } from '../kubelet/containers/pod-fields.ts';
import type { ImageStore } from '../runtime/container-runtime.ts';
import type { PodFieldFacts } from '../kubelet/containers/pod-fields.ts';
import { checkPath, payloadOf } from './payload.ts';
import type { Payload, PayloadFile } from './payload.ts';
import type { TokenSource } from './service-account-tokens.ts';
import { trustAnchors } from './trust-anchors.ts';

export interface TrustBundleLookUp {
  /** All there are. */
  trustBundles(): Promise<readonly Readonly<ClusterTrustBundle>[]>;
}

export interface SourceFacts {
  readonly objects: ObjectLookUp & TrustBundleLookUp;
  readonly tokens: TokenSource;
  readonly fields: PodFieldFacts;
  /** Brings an image volume's image here, by its pull policy; answers its id. */
  readonly image: (source: NonNullable<Volume['image']>) => Promise<string>;
  readonly images: Pick<ImageStore, 'mount'>;
}

type Projected = NonNullable<Volume['projected']>;
type ProjectedSource = NonNullable<Projected['sources']>[number];
type DownwardItems = NonNullable<NonNullable<Volume['downwardAPI']>['items']>;

const usualMode = 0o644;
const usualTokenSeconds = 3600;

/** The payload of the volume, or undefined when it is of another kind. */
export async function payloadOfVolume(
  pod: Readonly<Pod>,
  volume: Volume,
  facts: SourceFacts,
): Promise<Payload | undefined> {
  if (volume.configMap !== undefined) {
    const { name = '', items, optional, defaultMode = usualMode } = volume.configMap;
    return configMapPayload(pod, name, { items, optional, defaultMode }, facts);
  }
  if (volume.secret !== undefined) {
    const { secretName = '', items, optional, defaultMode = usualMode } = volume.secret;
    return secretPayload(pod, secretName, { items, optional, defaultMode }, facts);
  }
  if (volume.downwardAPI !== undefined) {
    const { items = [], defaultMode = usualMode } = volume.downwardAPI;
    return downwardPayload(pod, items, defaultMode, facts);
  }
  if (volume.projected !== undefined) return projectedPayload(pod, volume.projected, facts);
  return undefined;
}

interface Choice {
  readonly items?: readonly { key: string; path: string; mode?: number }[];
  readonly optional?: boolean;
  readonly defaultMode: number;
}

async function configMapPayload(
  pod: Readonly<Pod>,
  name: string,
  choice: Choice,
  { objects }: SourceFacts,
): Promise<Payload> {
  const found = await objects.configMap(pod.metadata.namespace ?? 'default', name);
  if (found === undefined && choice.optional !== true) throw new ConfigurationError(`configmap "${name}" not found`);
  return payloadOf(found === undefined ? {} : contentOf(found), { ...choice, what: `configmap "${name}"` });
}

function contentOf(configMap: Readonly<ConfigMap>): Record<string, Buffer> {
  return {
    ...Object.fromEntries(Object.entries(configMap.data ?? {}).map(([key, text]) => [key, Buffer.from(text)])),
    ...decodeAll(configMap.binaryData ?? {}),
  };
}

async function secretPayload(
  pod: Readonly<Pod>,
  name: string,
  choice: Choice,
  { objects }: SourceFacts,
): Promise<Payload> {
  const found = await objects.secret(pod.metadata.namespace ?? 'default', name);
  if (found === undefined && choice.optional !== true) throw new ConfigurationError(`secret "${name}" not found`);
  return payloadOf(decodeAll(found?.data ?? {}), { ...choice, what: `secret "${name}"` });
}

function decodeAll(data: Readonly<Record<string, string>>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(data).map(([key, base64]) => [key, Buffer.from(base64, 'base64')]));
}

function downwardPayload(pod: Readonly<Pod>, items: DownwardItems, defaultMode: number, facts: SourceFacts): Payload {
  const files = new Map<string, PayloadFile>();
  for (const { path, fieldRef, resourceFieldRef, mode } of items) {
    const text =
      fieldRef !== undefined
        ? podField(pod, fieldRef.fieldPath, facts.fields)
        : resourceText(pod, resourceFieldRef, facts);
    files.set(checkPath(path), { data: Buffer.from(text), mode: mode ?? defaultMode });
  }
  return files;
}

function resourceText(
  pod: Readonly<Pod>,
  reference: DownwardItems[number]['resourceFieldRef'],
  facts: SourceFacts,
): string {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const container = containers.find(({ name }) => name === reference?.containerName);
  if (reference === undefined || container === undefined) {
    throw new ConfigurationError(`container "${reference?.containerName ?? ''}" not found`);
  }
  const { resource, divisor } = reference;
  return resourceField(container, resource, divisor === undefined ? undefined : String(divisor), facts.fields);
}

async function projectedPayload(pod: Readonly<Pod>, projected: Projected, facts: SourceFacts): Promise<Payload> {
  const defaultMode = projected.defaultMode ?? usualMode;
  const parts = await Promise.all(
    (projected.sources ?? []).map((source) => projectedPart(pod, source, defaultMode, facts)),
  );
  return new Map(parts.flatMap((part) => [...part]));
}

async function projectedPart(
  pod: Readonly<Pod>,
  source: ProjectedSource,
  defaultMode: number,
  facts: SourceFacts,
): Promise<Payload> {
  if (source.configMap !== undefined) {
    const { name = '', items, optional } = source.configMap;
    return configMapPayload(pod, name, { items, optional, defaultMode }, facts);
  }
  if (source.secret !== undefined) {
    const { name = '', items, optional } = source.secret;
    return secretPayload(pod, name, { items, optional, defaultMode }, facts);
  }
  if (source.downwardAPI !== undefined) return downwardPayload(pod, source.downwardAPI.items ?? [], defaultMode, facts);
  if (source.serviceAccountToken !== undefined) {
    const { path, audience, expirationSeconds = usualTokenSeconds } = source.serviceAccountToken;
    const token = await facts.tokens.get({
      namespace: pod.metadata.namespace ?? 'default',
      serviceAccount: pod.spec.serviceAccountName ?? 'default',
      podName: pod.metadata.name,
      podUid: pod.metadata.uid,
      ...(audience !== undefined && { audience }),
      expirationSeconds,
    });
    // Private to its owner, unless a group or user of the pod has to read it.
    return new Map([[checkPath(path), { data: Buffer.from(token), mode: tokenMode(pod, defaultMode) }]]);
  }
  if (source.clusterTrustBundle !== undefined) {
    const anchors = trustAnchors(source.clusterTrustBundle, await facts.objects.trustBundles());
    return new Map([
      [checkPath(source.clusterTrustBundle.path), { data: Buffer.from(anchors), mode: tokenMode(pod, defaultMode) }],
    ]);
  }
  throw new ConfigurationError('this source of a projected volume is not supported by this node');
}

/** As upstream: 0600 for a single known user, readable by the group with fsGroup, else the volume's mode. */
function tokenMode(pod: Readonly<Pod>, defaultMode: number): number {
  if (pod.spec.securityContext?.fsGroup !== undefined) return 0o600;
  return commonUser(pod) === undefined ? defaultMode : 0o600;
}

/** The user that every container of the pod runs as, if they all name the same. */
export function commonUser(pod: Readonly<Pod>): number | undefined {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const users = new Set(
    all.map(({ securityContext }) => securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser),
  );
  const [user] = users;
  return users.size === 1 ? user : undefined;
}
