// A pod's whole page. Values from Secrets and ConfigMaps are named by where they come from, never sent.
import type { ContainerView, PodDetail } from '../../../api/console/index.ts';
import type { Container, ContainerStatus, Pod, Volume } from '../../../api/kinds/core/index.ts';
import { environmentOf } from './environment.ts';
import { podRow } from './pod.ts';
import { conditionsOf, timeOf } from './read.ts';

function amounts(list: Readonly<Record<string, string | number>> | undefined): { cpu?: string; memory?: string } {
  const text = (value: string | number | undefined): string | undefined =>
    value === undefined ? undefined : String(value);
  return { cpu: text(list?.['cpu']), memory: text(list?.['memory']) };
}

function lastExitOf(status: ContainerStatus | undefined): ContainerView['lastExit'] {
  const ended = status?.lastState?.terminated;
  if (!ended) return undefined;
  return { reason: ended.reason ?? '', exitCode: ended.exitCode, finishedAt: timeOf(ended.finishedAt) };
}

function containerView(
  kind: ContainerView['kind'],
  spec: Container,
  status: ContainerStatus | undefined,
): ContainerView {
  const { running, terminated, waiting } = status?.state ?? {};
  return {
    name: spec.name,
    image: spec.image ?? '',
    kind,
    state: running ? 'running' : terminated ? 'terminated' : 'waiting',
    reason: (terminated?.reason ?? waiting?.reason) || undefined,
    message: (terminated?.message ?? waiting?.message) || undefined,
    exitCode: terminated?.exitCode,
    startedAt: timeOf(running?.startedAt ?? terminated?.startedAt),
    ready: status?.ready ?? false,
    restarts: status?.restartCount ?? 0,
    lastExit: lastExitOf(status),
    ports: (spec.ports ?? []).map(({ name, containerPort, protocol }) => ({
      name,
      port: containerPort,
      protocol: protocol ?? 'TCP',
    })),
    requests: amounts(spec.resources?.requests),
    limits: amounts(spec.resources?.limits),
    environment: [
      ...(spec.env ?? []).map(environmentOf),
      ...(spec.envFrom ?? []).map(({ configMapRef, secretRef, prefix }) => ({
        name: `${prefix ?? ''}*`,
        from: secretRef ? `Secret ${secretRef.name ?? ''}` : `ConfigMap ${configMapRef?.name ?? ''}`,
      })),
    ],
    mounts: (spec.volumeMounts ?? []).map(({ mountPath, name, readOnly }) => ({
      path: mountPath,
      volume: name,
      readOnly: readOnly ?? false,
    })),
  };
}

function volumeSource(volume: Volume): string {
  if (volume.configMap) return `ConfigMap ${volume.configMap.name ?? ''}`;
  if (volume.secret) return `Secret ${volume.secret.secretName ?? ''}`;
  if (volume.persistentVolumeClaim) return `PersistentVolumeClaim ${volume.persistentVolumeClaim.claimName}`;
  if (volume.hostPath) return `hostPath ${volume.hostPath.path}`;
  return Object.keys(volume).find((key) => key !== 'name') ?? '';
}

/** Everything a pod's page shows. */
export function podDetail(pod: Pod): PodDetail {
  const { spec, status, metadata } = pod;
  const statusOf = (list: readonly ContainerStatus[] | undefined, name: string): ContainerStatus | undefined =>
    list?.find((one) => one.name === name);
  return {
    row: podRow(pod),
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    containers: [
      ...(spec.initContainers ?? []).map((one) =>
        containerView('init', one, statusOf(status?.initContainerStatuses, one.name)),
      ),
      ...spec.containers.map((one) => containerView('main', one, statusOf(status?.containerStatuses, one.name))),
    ],
    conditions: conditionsOf(status?.conditions),
    volumes: (spec.volumes ?? []).map((volume) => ({ name: volume.name, source: volumeSource(volume) })),
    serviceAccount: spec.serviceAccountName,
    restartPolicy: spec.restartPolicy ?? 'Always',
    qosClass: status?.qosClass,
    priority: spec.priority,
    hostIp: status?.hostIP,
    startedAt: timeOf(status?.startTime),
  };
}
