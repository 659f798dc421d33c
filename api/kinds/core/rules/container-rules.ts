// Containers of a pod: each by itself, and among each other.
import { checkDnsLabel, checkPortName, checkPortNumber } from '../../../meta/names.ts';
import { duplicate, invalidValue, notFoundValue, required, type FieldError } from '../../../schema/field-error.ts';
import type { Container } from '../container.ts';
import type { PodSpec } from '../pod-spec.ts';
import { checkLocalPath, checkNoClimbing, checkUnique, invalidFor } from './checks.ts';
import { validateEnv, validateEnvFrom } from './env-rules.ts';
import { forbidLifecycle, validateLifecycle, validateProbe } from './probe-rules.ts';
import { validateResources } from './resource-rules.ts';
import { validateContainerSecurity } from './security-rules.ts';

/** What containers share: init, regular and ephemeral ones. */
type AnyContainer = Omit<Container, 'image'> & { image?: string };

/** Checks all containers of a pod. */
export function validateContainers(spec: PodSpec, path: string): FieldError[] {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec;
  const at = (list: string, index: number): string => `${path}.${list}[${index}]`;
  const errors: FieldError[] = containers.length === 0 ? [required(`${path}.containers`)] : [];
  for (const [index, container] of containers.entries()) {
    errors.push(...validateContainer(container, spec, at('containers', index)));
    errors.push(...validateHooks(container, at('containers', index)));
  }
  for (const [index, container] of initContainers.entries()) {
    errors.push(...validateContainer(container, spec, at('initContainers', index)));
    errors.push(...validateInit(container, at('initContainers', index)));
  }
  for (const [index, container] of ephemeralContainers.entries()) {
    const where = at('ephemeralContainers', index);
    errors.push(...validateContainer(container, spec, where));
    errors.push(...forbidLifecycle(container, where, 'cannot be set for an Ephemeral Container'));
  }
  return [...errors, ...validateNames(spec, at), ...validateHostPorts(containers, path)];
}

function validateNames(spec: PodSpec, at: (list: string, index: number) => string): FieldError[] {
  const seen = new Set<string>();
  return (['containers', 'initContainers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap(({ name }, index) => {
      if (!name) return [];
      const repeated = seen.has(name) ? [duplicate(`${at(list, index)}.name`, name)] : [];
      seen.add(name);
      return repeated;
    }),
  );
}

function validateContainer(container: AnyContainer, spec: PodSpec, path: string): FieldError[] {
  const { name, image = '' } = container;
  const errors = name ? invalidFor(`${path}.name`, name, checkDnsLabel(name)) : [];
  if (image === '') errors.push(required(`${path}.image`));
  else if (image !== image.trim()) {
    errors.push(invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  }
  return [
    ...errors,
    ...validatePorts(container, spec.hostNetwork === true, `${path}.ports`),
    ...validateEnv(container.env, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateMounts(container, spec, path),
    ...validateResources(container.resources, `${path}.resources`),
    ...validateContainerSecurity(container.securityContext, `${path}.securityContext`),
  ];
}

function validateHooks(container: AnyContainer, path: string): FieldError[] {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  return [
    ...validateLifecycle(container.lifecycle, `${path}.lifecycle`),
    ...probes.flatMap((kind) => validateProbe(container[kind], kind, `${path}.${kind}`)),
  ];
}

/** Init containers run to their end, unless they are sidecars: those restart always. */
function validateInit(container: Container, path: string): FieldError[] {
  if (container.restartPolicy === 'Always') return validateHooks(container, path);
  return forbidLifecycle(container, path, 'may not be set for init containers without restartPolicy=Always');
}

function validatePorts({ ports = [] }: AnyContainer, hostNetwork: boolean, path: string): FieldError[] {
  const errors = checkUnique(
    ports,
    (port) => port.name,
    (index) => `${path}[${index}].name`,
  );
  for (const [index, port] of ports.entries()) {
    const at = `${path}[${index}]`;
    if (port.name) errors.push(...invalidFor(`${at}.name`, port.name, checkPortName(port.name)));
    if (!port.containerPort) errors.push(required(`${at}.containerPort`));
    else errors.push(...invalidFor(`${at}.containerPort`, port.containerPort, checkPortNumber(port.containerPort)));
    if (port.hostPort) errors.push(...invalidFor(`${at}.hostPort`, port.hostPort, checkPortNumber(port.hostPort)));
    if (hostNetwork && port.hostPort && port.hostPort !== port.containerPort) {
      errors.push(
        invalidValue(`${at}.hostPort`, port.hostPort, 'must match `containerPort` when `hostNetwork` is true'),
      );
    }
  }
  return errors;
}

function validateHostPorts(containers: readonly Container[], path: string): FieldError[] {
  const ports = containers.flatMap((container, at) =>
    (container.ports ?? []).map((port, index) => ({
      ...port,
      path: `${path}.containers[${at}].ports[${index}].hostPort`,
    })),
  );
  return checkUnique(
    ports,
    ({ hostPort, hostIP = '', protocol }) => (hostPort ? `${protocol}/${hostIP}/${hostPort}` : undefined),
    (index) => ports[index]?.path ?? path,
  );
}

function validateMounts(
  { volumeMounts = [], volumeDevices = [] }: AnyContainer,
  spec: PodSpec,
  path: string,
): FieldError[] {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  const errors: FieldError[] = [];
  const mountPaths = new Set<string>();
  for (const [index, mount] of volumeMounts.entries()) {
    const at = `${path}.volumeMounts[${index}]`;
    if (mount.name && !volumes.has(mount.name)) errors.push(notFoundValue(`${at}.name`, mount.name));
    if (mountPaths.has(mount.mountPath))
      errors.push(invalidValue(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    mountPaths.add(mount.mountPath);
    if (mount.subPath) errors.push(...checkLocalPath(`${at}.subPath`, mount.subPath));
    if (mount.subPathExpr) errors.push(...checkLocalPath(`${at}.subPathExpr`, mount.subPathExpr));
    if (mount.subPath && mount.subPathExpr) {
      errors.push(
        invalidValue(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
      );
    }
  }
  for (const [index, device] of volumeDevices.entries()) {
    const at = `${path}.volumeDevices[${index}]`;
    if (device.name && !volumes.has(device.name)) errors.push(notFoundValue(`${at}.name`, device.name));
    errors.push(...checkNoClimbing(`${at}.devicePath`, device.devicePath));
  }
  return errors;
}
