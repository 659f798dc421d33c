// POST pods/NAME/binding: the scheduler's word. Sets the node once, in one guarded write, and the PodScheduled condition.
import type { Pod } from '../../../api/kinds/core/index.ts';
import { conflict, success } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { answerObject, formOf } from '../http/answer.ts';
import { asObject, decodeBody, readBody } from '../http/body.ts';
import type { ServerParts } from '../parts.ts';
import { badRequest } from '../registry/errors.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';
import { changeObject } from '../registry/write-loop.ts';
import { parseWriteOptions } from '../registry/write-options.ts';

interface BindingLike {
  readonly metadata?: {
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Record<string, string>;
    readonly labels?: Record<string, string>;
  };
  readonly target?: { readonly kind?: string; readonly name?: string };
}

/** Serves pods/binding, and POST bindings whose body names the pod. */
export async function serveBinding(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange } = request;
  const { dryRun } = parseWriteOptions(exchange.query);
  const binding = asObject(
    decodeBody(await readBody(exchange.request), exchange.headers['content-type']),
  ) as BindingLike;
  const nodeName = binding.target?.name ?? '';
  if (nodeName === '') throw badRequest('Binding: target.name: Required value');
  if ((binding.target?.kind ?? 'Node') !== 'Node')
    throw badRequest('Binding: target.kind: Unsupported value: supported values: "Node"');
  await changeObject(parts, request, {
    dryRun,
    subresource: 'binding',
    skipsAdmission: true,
    next: (current) => bind(request, current as Pod, nodeName, binding, formatTime(parts.clock.now())),
  });
  answerObject(exchange, 201, { ...success(), code: 201 }, formOf(exchange));
}

function bind(request: ResourceRequest, pod: Pod, nodeName: string, { metadata }: BindingLike, now: string): Pod {
  const { name, uid, deletionTimestamp } = pod.metadata;
  const refuse = (why: string): Error => conflict(request.definition, name, why);
  if (metadata?.uid && metadata.uid !== uid)
    throw refuse(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`);
  if (deletionTimestamp !== undefined) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw refuse(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if ((pod.spec.schedulingGates ?? []).length > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  pod.spec.nodeName = nodeName;
  if (metadata?.annotations !== undefined)
    pod.metadata.annotations = { ...pod.metadata.annotations, ...metadata.annotations };
  if (metadata?.labels !== undefined) pod.metadata.labels = { ...pod.metadata.labels, ...metadata.labels };
  const status = (pod.status ??= {});
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  status.conditions = [
    ...others,
    { type: 'PodScheduled', status: 'True', lastProbeTime: undefined, lastTransitionTime: now },
  ];
  pod.metadata.resourceVersion = metadata?.resourceVersion ?? '';
  return pod;
}
