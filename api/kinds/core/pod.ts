// Pod: a group of containers that run together on one node and share an address and volumes.
import { fillPod } from './pod-defaults.ts';
import { present, fillDefaults } from '../../schema/vocabulary.ts';
import { PodSpec } from './pod-spec.ts';
import { PodStatus } from './pod-status.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { qualityOfService } from './pod-quality.ts';
import { validatePod } from './rules/pod-rules.ts';
import { validatePodUpdate } from './rules/pod-update-rules.ts';
import { podPrinter } from '../printing/pod-printer.ts';

export class Pod extends kind('io.k8s.api.core.v1.Pod', {
  spec: present(PodSpec),
  status: PodStatus,
}) {}
fillDefaults(Pod, fillPod);

export const pods: ResourceDefinition<Pod> = resource(Pod, {
  group: '',
  version: 'v1',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  subresources: {
    attach: { kind: 'PodAttachOptions', verbs: ['create', 'get'] },
    binding: { kind: 'Binding', verbs: ['create'] },
    ephemeralcontainers: { verbs: ['get', 'patch', 'update'] },
    eviction: { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
    exec: { kind: 'PodExecOptions', verbs: ['create', 'get'] },
    log: { verbs: ['get'] },
    portforward: { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
    proxy: { kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
    resize: { verbs: ['get', 'patch', 'update'] },
    status,
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  prepareForCreate(pod) {
    pod.status = { phase: 'Pending', qosClass: qualityOfService(pod.spec) };
  },
  prepareForStatusUpdate(next, previous) {
    const quality = previous.status?.qosClass;
    if (quality !== undefined) next.status = { ...next.status, qosClass: quality };
  },
  selectableFields({ spec, status }) {
    return {
      'spec.nodeName': spec.nodeName ?? '',
      'spec.restartPolicy': spec.restartPolicy ?? '',
      'spec.schedulerName': spec.schedulerName ?? '',
      'spec.serviceAccountName': spec.serviceAccountName ?? '',
      'spec.hostNetwork': String(spec.hostNetwork ?? false),
      'status.phase': status?.phase ?? '',
      'status.podIP': status?.podIP ?? '',
      'status.nominatedNodeName': status?.nominatedNodeName ?? '',
    };
  },
  printer: podPrinter,
});
