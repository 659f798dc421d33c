// The scale subresource: any workload seen as its number of replicas.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { formatLabelSelector, type LabelSelectorLike } from '../../../api/meta/selectors.ts';
import { invalid, methodNotSupported } from '../../../api/meta/status.ts';
import { customRulesOf, type ScalePaths } from '../crd/custom-definition.ts';
import type { ServerParts } from '../parts.ts';
import { answerObject, formOf } from '../http/answer.ts';
import { decodeBody, readBody } from '../http/body.ts';
import { checkType } from '../registry/decode-object.ts';
import { badRequest } from '../registry/errors.ts';
import { fetchObject } from '../registry/get.ts';
import { managerOf } from '../registry/managers.ts';
import { readPatch } from '../registry/patch.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';
import { changeObject } from '../registry/write-loop.ts';
import { parseWriteOptions } from '../registry/write-options.ts';

interface Scale extends KubernetesObject {
  readonly spec: { replicas: number };
  readonly status: { replicas: number; selector?: string };
}

type Selector = LabelSelectorLike | Readonly<Record<string, string>> | string;

/** Where workloads of the built-in kinds keep these. */
const usualPaths: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  labelSelector: ['spec', 'selector'],
};

/** Serves get, update and patch of scale. */
export async function serveScale(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, definition, info } = request;
  const form = formOf(exchange);
  const paths = customRulesOf(definition)?.scale ?? usualPaths;
  if (info.verb === 'get') {
    const stored = await fetchObject(parts, definition, info.namespace, info.name);
    return answerObject(exchange, 200, scaleOf(stored.peek(), paths), form);
  }
  const options = parseWriteOptions(exchange.query);
  const change = await readChange(request);
  const changed = await changeObject(parts, request, {
    dryRun: options.dryRun,
    subresource: 'scale',
    manager: managerOf(exchange, options),
    next(current) {
      const before = scaleOf(current, paths);
      const next = change(before);
      checkScale(request, next);
      setAt(current, paths.specReplicas, next.spec.replicas);
      const version = next.metadata.resourceVersion;
      // A patch that did not name a version carries the one that it was applied to: no precondition.
      current.metadata.resourceVersion =
        info.verb === 'patch' && version === before.metadata.resourceVersion ? '' : (version ?? '');
      if (next.metadata.uid && next.metadata.uid !== current.metadata.uid) current.metadata.uid = next.metadata.uid;
      return current;
    },
  });
  answerObject(exchange, 200, scaleOf((changed.stored?.peek() ?? changed.object) as KubernetesObject, paths), form);
}

async function readChange(request: ResourceRequest): Promise<(before: Scale) => Scale> {
  const { exchange, info } = request;
  if (info.verb === 'patch') {
    const patch = await readPatch(request);
    return (before) => patch(request.definition, structuredClone(before)) as Scale;
  }
  if (info.verb !== 'update') throw methodNotSupported(request.definition, info.verb);
  const body = decodeBody(await readBody(exchange.request), exchange.headers['content-type']);
  const scale = checkType(body, { apiVersion: 'autoscaling/v1', kind: 'Scale' }) as unknown as Scale;
  if ((scale.metadata.name ?? info.name) !== info.name)
    throw badRequest(
      `the name of the object (${scale.metadata.name}) does not match the name on the URL (${info.name})`,
    );
  return () => ({ ...scale, spec: { replicas: scale.spec?.replicas ?? 0 } });
}

function checkScale(request: ResourceRequest, scale: Scale): void {
  const replicas: unknown = scale.spec?.replicas;
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0 && replicas <= 2_147_483_647) return;
  const message = `Invalid value: ${JSON.stringify(replicas ?? null)}: must be greater than or equal to 0`;
  throw invalid('Scale.autoscaling', request.info.name, [
    { path: 'spec.replicas', reason: 'FieldValueInvalid', message },
  ]);
}

function scaleOf(workload: Readonly<KubernetesObject>, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const selector =
    paths.labelSelector === undefined ? undefined : (valueAt(workload, paths.labelSelector) as Selector | undefined);
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(workload, paths.specReplicas) },
    status: {
      replicas: numberAt(workload, paths.statusReplicas),
      ...(selector === undefined ? {} : { selector: selectorText(selector) }),
    },
  };
}

type Json = Record<string, unknown>;

function valueAt(object: object, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Json)[key] : undefined),
    object,
  );
}

function numberAt(object: object, path: readonly string[]): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}

function setAt(object: object, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? '';
  let at = object as Json;
  for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Json;
  at[last] = value;
}

/** ReplicationControllers select by a bare map, custom resources tell a text, the others have a LabelSelector. */
function selectorText(selector: Selector): string {
  if (typeof selector === 'string') return selector;
  const isObject = 'matchLabels' in selector || 'matchExpressions' in selector;
  return formatLabelSelector(
    isObject ? (selector as LabelSelectorLike) : { matchLabels: selector as Record<string, string> },
  );
}
