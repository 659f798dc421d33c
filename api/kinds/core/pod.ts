// Pod.
import { fillPod } from './pod-defaults.ts';
import { present, fillDefaults } from '../../schema/vocabulary.ts';
import { PodSpec } from './pod-spec.ts';
import { PodStatus } from './pod-status.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';

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
});
