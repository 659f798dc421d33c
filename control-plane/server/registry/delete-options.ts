// Reads DeleteOptions from body or query, and says what a deletion means for an object. Pure but for the body.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { cleanupFinalizer } from '../crd/crd-controller.ts';
import { asObject, decodeBody } from '../http/body.ts';
import { badRequest } from './errors.ts';
import { parseDryRun } from './write-options.ts';
import type { ResourceDefinition } from '../served/definition.ts';

export type PropagationPolicy = 'Orphan' | 'Background' | 'Foreground';

/** What a client may say about a deletion. */
export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: PropagationPolicy | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

/** Reads the options; the body wins over the query, as upstream has it. */
export function parseDeleteOptions(
  body: Buffer,
  contentType: string | undefined,
  query: URLSearchParams,
): DeleteOptions {
  const given = body.length === 0 ? {} : asObject(decodeBody(body, contentType));
  const grace = given['gracePeriodSeconds'] ?? numberOf(query.get('gracePeriodSeconds'));
  if (grace !== undefined && grace !== null && !(typeof grace === 'number' && Number.isInteger(grace))) {
    throw badRequest('gracePeriodSeconds: Invalid value: must be an integer');
  }
  const orphan = given['orphanDependents'] ?? booleanOf(query.get('orphanDependents'));
  const policy = given['propagationPolicy'] ?? query.get('propagationPolicy') ?? undefined;
  if (policy !== undefined && policy !== 'Orphan' && policy !== 'Background' && policy !== 'Foreground') {
    throw badRequest(
      `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(policy)}`,
    );
  }
  const preconditions = (given['preconditions'] ?? {}) as { uid?: string; resourceVersion?: string };
  const dryRun = Array.isArray(given['dryRun']) ? (given['dryRun'] as string[]) : query.getAll('dryRun');
  return {
    dryRun: parseDryRun(dryRun),
    gracePeriodSeconds: grace === null ? undefined : (grace as number | undefined),
    propagationPolicy: policy ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined),
    uid: preconditions.uid,
    resourceVersion: preconditions.resourceVersion,
  };
}

function numberOf(text: string | null): number | undefined {
  return text === null || text === '' ? undefined : Number(text);
}

function booleanOf(text: string | null): boolean | undefined {
  return text === null || text === '' ? undefined : text === 'true';
}

const orphanFinalizer = 'orphan';
const foregroundFinalizer = 'foregroundDeletion';

/** What holds every object of a resource until its clean-up is done. */
function ownFinalizers({ group, plural }: ResourceDefinition): string[] {
  return group === 'apiextensions.k8s.io' && plural === 'customresourcedefinitions' ? [cleanupFinalizer] : [];
}

/** The finalizers an object has after a deletion with this policy was asked for. */
export function finalizersFor(
  definition: ResourceDefinition,
  metadata: KubernetesObject['metadata'],
  policy: PropagationPolicy | undefined,
): string[] {
  const isFirst = metadata.deletionTimestamp === undefined;
  const present = [...new Set([...(metadata.finalizers ?? []), ...(isFirst ? ownFinalizers(definition) : [])])];
  if (policy === undefined) return present;
  const others = present.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer);
  if (policy === 'Orphan') return [...others, orphanFinalizer];
  return policy === 'Foreground' ? [...others, foregroundFinalizer] : others;
}

interface PodLike extends KubernetesObject {
  spec?: { nodeName?: string; terminationGracePeriodSeconds?: number };
  status?: { phase?: string };
}

/** Seconds that the object may take to end; undefined for kinds that end at once. */
export function gracePeriodOf(
  definition: ResourceDefinition,
  object: Readonly<KubernetesObject>,
  asked: number | undefined,
): number | undefined {
  if (definition.group !== '' || definition.plural !== 'pods') return undefined;
  const { spec, status } = object as PodLike;
  // Nobody runs it (any more): there is nothing to wait for.
  if (!spec?.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0;
  const grace = asked ?? spec.terminationGracePeriodSeconds ?? 30;
  return Math.max(grace, grace === 0 ? 0 : 1);
}
