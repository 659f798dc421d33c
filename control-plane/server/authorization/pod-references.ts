// Which secrets, config maps, claims and accounts a pod names. Pure.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';

/** Whether a pod refers to the object `name` of the plural `resource` in its own namespace. */
export function references(object: Readonly<KubernetesObject>, resource: string, name: string): boolean {
  const { spec } = object as Pod;
  switch (resource) {
    case 'serviceaccounts':
      return (spec.serviceAccountName ?? 'default') === name;
    case 'persistentvolumeclaims':
      return (spec.volumes ?? []).some(
        (volume) =>
          volume.persistentVolumeClaim?.claimName === name ||
          (volume.ephemeral !== undefined && `${object.metadata.name}-${volume.name}` === name),
      );
    case 'secrets':
      return secretsOf(spec).includes(name);
    case 'configmaps':
      return configMapsOf(spec).includes(name);
    default:
      return false;
  }
}

type Spec = Pod['spec'];

function environmentOf(spec: Spec): { secrets: string[]; configMaps: string[] } {
  const secrets: string[] = [];
  const configMaps: string[] = [];
  for (const container of [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    for (const source of container.envFrom ?? []) {
      if (source.secretRef?.name !== undefined) secrets.push(source.secretRef.name);
      if (source.configMapRef?.name !== undefined) configMaps.push(source.configMapRef.name);
    }
    for (const variable of container.env ?? []) {
      const from = variable.valueFrom;
      if (from?.secretKeyRef?.name !== undefined) secrets.push(from.secretKeyRef.name);
      if (from?.configMapKeyRef?.name !== undefined) configMaps.push(from.configMapKeyRef.name);
    }
  }
  return { secrets, configMaps };
}

function secretsOf(spec: Spec): string[] {
  const names = environmentOf(spec).secrets;
  for (const pull of spec.imagePullSecrets ?? []) if (pull.name !== undefined) names.push(pull.name);
  for (const volume of spec.volumes ?? []) {
    if (volume.secret?.secretName !== undefined) names.push(volume.secret.secretName);
    for (const source of volume.projected?.sources ?? [])
      if (source.secret?.name !== undefined) names.push(source.secret.name);
    if (volume.csi?.nodePublishSecretRef?.name !== undefined) names.push(volume.csi.nodePublishSecretRef.name);
  }
  return names;
}

function configMapsOf(spec: Spec): string[] {
  const names = environmentOf(spec).configMaps;
  for (const volume of spec.volumes ?? []) {
    if (volume.configMap?.name !== undefined) names.push(volume.configMap.name);
    for (const source of volume.projected?.sources ?? [])
      if (source.configMap?.name !== undefined) names.push(source.configMap.name);
  }
  return names;
}
