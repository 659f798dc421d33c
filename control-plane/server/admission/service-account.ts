// Gives every pod its account: the default one, its pull secrets, and the projected token volume.
import {
  serviceAccounts,
  type Container,
  type Pod,
  type ServiceAccount,
  type Volume,
} from '../../../api/kinds/core/index.ts';
import { forbidden } from '../../../api/meta/status.ts';
import { generateName } from '../registry/metadata.ts';
import type { Reader } from '../registry/reader.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isPodCreation } from './pods.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenSeconds = 3607;
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The ServiceAccount plugin. */
export function createServiceAccountAdmission(reader: Reader): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    concerns: isPodCreation,
    async mutate({ object, namespace, definition }) {
      const pod = object as Pod;
      if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) return;
      const name = pod.spec.serviceAccountName || 'default';
      const account = await find(reader, namespace, name);
      if (account === undefined) {
        throw forbidden(
          definition,
          pod.metadata.name,
          `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
        );
      }
      pod.spec.serviceAccountName = name;
      pod.spec.serviceAccount = name;
      if ((pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) === true)
        mountToken(pod);
      if ((pod.spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
        pod.spec.imagePullSecrets = structuredClone(account.imagePullSecrets);
      }
    },
  };
}

async function find(reader: Reader, namespace: string, name: string): Promise<Readonly<ServiceAccount> | undefined> {
  const cached = await reader.get<ServiceAccount>(serviceAccounts, namespace, name);
  return cached ?? (await reader.get<ServiceAccount>(serviceAccounts, namespace, name, 'latest'));
}

/** Mounts the token volume into every container that has nothing at its place. */
function mountToken(pod: Pod): void {
  const containers: Container[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const lacking = containers.filter(
    (container) => !(container.volumeMounts ?? []).some((mount) => mount.mountPath === mountPath),
  );
  if (lacking.length === 0) return;
  const existing = (pod.spec.volumes ?? []).find((volume) => volume.name.startsWith('kube-api-access-'));
  const volume = existing ?? tokenVolume(generateName('kube-api-access-'));
  if (existing === undefined) pod.spec.volumes = [...(pod.spec.volumes ?? []), volume];
  for (const container of lacking) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: volume.name, readOnly: true, mountPath }];
  }
}

function tokenVolume(name: string): Volume {
  const namespaceFile = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [namespaceFile] } },
      ],
    },
  };
}
