// A kubelet changes nothing but itself: its Node, its Lease, the pods bound to it.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { pods, type Node, type Pod } from '../../../api/kinds/core/index.ts';
import { forbidden } from '../../../api/meta/status.ts';
import { nodeNameOf } from '../authentication/user.ts';
import type { Reader } from '../registry/reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { stableJson } from '../registry/metadata.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const leaseNamespace = 'kube-node-lease';

/** The NodeRestriction plugin. */
export function createNodeRestriction(reader: Reader): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    concerns: ({ user, operation }) => operation !== 'CONNECT' && nodeNameOf(user) !== undefined,
    async validate(request) {
      const nodeName = nodeNameOf(request.user) ?? '';
      const refuse = (why: string): Error => forbidden(request.definition, request.name, why);
      const why = await objection(reader, request, nodeName);
      if (why !== undefined) throw refuse(why);
    },
  };
}

/** Why the node may not, if so. */
async function objection(reader: Reader, request: AdmissionRequest, nodeName: string): Promise<string | undefined> {
  const { definition, name, namespace } = request;
  switch (`${definition.group}/${definition.plural}`) {
    case '/pods':
      return podObjection(reader, request, nodeName);
    case '/nodes':
      return nodeObjection(request, nodeName);
    case 'coordination.k8s.io/leases':
      if (namespace !== leaseNamespace) return `can only access leases in the "${leaseNamespace}" system namespace`;
      return (request.object?.metadata.name ?? name) === nodeName
        ? undefined
        : `can only access node lease with the same name as the requesting node`;
    case 'storage.k8s.io/csinodes':
      return (request.object?.metadata.name ?? name) === nodeName
        ? undefined
        : `can only access CSINode with the same name as the requesting node`;
    default:
      return undefined;
  }
}

async function podObjection(reader: Reader, request: AdmissionRequest, nodeName: string): Promise<string | undefined> {
  const { operation, subresource, object, previous, name, namespace } = request;
  const notMine = `node "${nodeName}" can only change pods with spec.nodeName set to itself`;
  if (operation === 'CREATE' && subresource === '') {
    const pod = object as Pod;
    if (pod.metadata.annotations?.[mirrorAnnotation] === undefined)
      return `pod does not have "${mirrorAnnotation}" annotation, node "${nodeName}" can only create mirror pods`;
    return pod.spec.nodeName === nodeName
      ? undefined
      : `node "${nodeName}" can only create pods with spec.nodeName set to itself`;
  }
  if (operation === 'UPDATE' && subresource !== 'status')
    return `node "${nodeName}" cannot update pods, only their status`;
  const pod = (previous as Pod | undefined) ?? (await reader.get<Pod>(pods, namespace, name));
  if (pod?.spec.nodeName !== nodeName) return notMine;
  if (operation !== 'UPDATE') return undefined;
  return sameJson(object?.metadata.labels, pod.metadata.labels)
    ? undefined
    : `node "${nodeName}" cannot update labels through pod status`;
}

/** Labels in Kubernetes' namespaces that a kubelet may set on itself. */
const ownLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
]);

function nodeObjection(
  { operation, subresource, object, previous, name }: AdmissionRequest,
  nodeName: string,
): string | undefined {
  const target = object?.metadata.name ?? name;
  if (target !== nodeName) return `node "${nodeName}" is not allowed to modify node "${target}"`;
  if (operation === 'DELETE') return `node "${nodeName}" is not allowed to delete itself`;
  // Provisioning lets a machine register with its role; afterwards only an administrator changes roles.
  const isAllowed = (label: string): boolean =>
    !isProtected(label) || (operation === 'CREATE' && label.startsWith('node-role.kubernetes.io/'));
  const labels = changedLabels(object, previous).filter((label) => !isAllowed(label));
  if (labels.length > 0) return `node "${nodeName}" is not allowed to modify labels: ${labels.join(', ')}`;
  if (operation !== 'UPDATE' || subresource !== '') return undefined;
  const taints = (node: Readonly<KubernetesObject> | undefined): unknown =>
    (node as Node | undefined)?.spec?.taints ?? [];
  return sameJson(taints(object), taints(previous)) ? undefined : `node "${nodeName}" is not allowed to modify taints`;
}

function changedLabels(
  object: KubernetesObject | undefined,
  previous: Readonly<KubernetesObject> | undefined,
): string[] {
  const next = object?.metadata.labels ?? {};
  const before = previous?.metadata.labels ?? {};
  return [...new Set([...Object.keys(next), ...Object.keys(before)])].filter((label) => next[label] !== before[label]);
}

function isProtected(label: string): boolean {
  if (ownLabels.has(label)) return false;
  const slash = label.indexOf('/');
  const domain = slash === -1 ? '' : label.slice(0, slash);
  if (domain === 'node-restriction.kubernetes.io' || domain.endsWith('.node-restriction.kubernetes.io')) return true;
  if (domain === 'kubelet.kubernetes.io' || domain.endsWith('.kubelet.kubernetes.io')) return false;
  if (domain === 'node.kubernetes.io' || domain.endsWith('.node.kubernetes.io')) return false;
  return (
    domain === 'kubernetes.io' || domain === 'k8s.io' || domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io')
  );
}

function sameJson(a: unknown, b: unknown): boolean {
  return stableJson(a ?? null) === stableJson(b ?? null);
}
