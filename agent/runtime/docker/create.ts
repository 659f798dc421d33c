// The bodies of the Engine's create calls. Pure. Docker's own networking, health checks, restart policies and
// name files are switched off: the kubelet does all of that.
import type {
  ContainerConfig,
  ContainerResources,
  ContainerSecurity,
  Mount,
  SandboxConfig,
} from '../container-runtime.ts';
import type { ContainerCreation } from './engine.ts';
import type { MachineRights } from '../machine-rights.ts';
import { engineNameOf, labelsOf } from './observe.ts';
import { pauseImage, pausePath } from './pause-image.ts';

type HostConfig = NonNullable<ContainerCreation['HostConfig']>;

/** The pause container is the last thing that the kernel should kill in a pod. */
const sandboxOomScoreAdjust = -998;
const sandboxCpuShares = 2;

/** What containers can be given here. */
export interface Possible extends MachineRights {
  /** The Engine tells recursively read-only mounts from plain ones. */
  readonly recursiveReadOnly: boolean;
}

export function sandboxCreation(config: SandboxConfig, machine: Possible): ContainerCreation {
  return {
    name: engineNameOf('sandbox', config),
    Image: pauseImage,
    Entrypoint: [pausePath],
    ...(!config.hostNetwork && { Hostname: config.hostname }),
    Labels: labelsOf('sandbox', config, config.annotations),
    NetworkDisabled: !config.hostNetwork,
    HostConfig: {
      NetworkMode: config.hostNetwork ? 'host' : 'none',
      ...(config.hostNetwork && { UTSMode: 'host' }),
      IpcMode: config.hostIpc ? 'host' : 'shareable',
      ...(config.hostPid && { PidMode: 'host' }),
      Sysctls: { ...config.sysctls },
      CpuShares: sandboxCpuShares,
      OomScoreAdj: Math.max(sandboxOomScoreAdjust, machine.lowestOomScoreAdjust),
      ...(config.handler !== undefined && { Runtime: config.handler }),
      ...(config.cgroupParent !== undefined && { CgroupParent: config.cgroupParent }),
      LogConfig: { Type: 'none', Config: {} },
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      RestartPolicy: { Name: '' },
    },
  };
}

/** `seccompProfile` is the JSON of a local profile, read by the caller. */
export function containerCreation(
  config: ContainerConfig,
  machine: Possible,
  seccompProfile?: string,
): ContainerCreation {
  const { oomScoreAdjust } = config.resources;
  return {
    name: engineNameOf('container', config),
    Image: config.image,
    ...(config.command !== undefined && { Entrypoint: [...config.command] }),
    ...(config.args !== undefined && { Cmd: [...config.args] }),
    ...(config.workingDir !== undefined && { WorkingDir: config.workingDir }),
    ...(config.security.user !== undefined && { User: config.security.user }),
    ...(config.stopSignal !== undefined && { StopSignal: config.stopSignal }),
    Env: [...config.environment],
    Labels: labelsOf('container', config, config.annotations),
    Healthcheck: { Test: ['NONE'] },
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    Tty: config.tty,
    HostConfig: {
      ...namespaces(config),
      ...resourceLimits(config.resources),
      ...(oomScoreAdjust !== undefined && { OomScoreAdj: Math.max(oomScoreAdjust, machine.lowestOomScoreAdjust) }),
      ...securityOptions(config.security, seccompProfile, machine),
      ...(config.handler !== undefined && { Runtime: config.handler }),
      ...(config.cgroupParent !== undefined && { CgroupParent: config.cgroupParent }),
      Mounts: config.mounts.map((mount) => bindMount(mount, machine)),
      Devices: config.devices.map((device) => ({
        PathOnHost: device.source,
        PathInContainer: device.target,
        CgroupPermissions: device.permissions,
      })),
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': String(config.log.maxBytes), 'max-file': String(config.log.maxFiles) },
      },
      RestartPolicy: { Name: '' },
    },
  };
}

/** Limits as the create and the update call take them. */
export function resourceLimits(resources: ContainerResources): HostConfig {
  return {
    ...(resources.cpuShares !== undefined && { CpuShares: resources.cpuShares }),
    ...(resources.cpuQuotaMicros !== undefined && { CpuQuota: resources.cpuQuotaMicros }),
    ...(resources.cpuPeriodMicros !== undefined && { CpuPeriod: resources.cpuPeriodMicros }),
    ...(resources.cpusetCpus !== undefined && { CpusetCpus: resources.cpusetCpus }),
    ...(resources.memoryBytes !== undefined && { Memory: resources.memoryBytes, MemorySwap: resources.memoryBytes }),
    ...(resources.pidsLimit !== undefined && { PidsLimit: resources.pidsLimit }),
  };
}

function namespaces(config: ContainerConfig): HostConfig {
  const sandbox = `container:${config.sandboxId}`;
  const pidMode =
    config.targetContainerId !== undefined
      ? `container:${config.targetContainerId}`
      : config.hostPid
        ? 'host'
        : config.shareProcesses
          ? sandbox
          : undefined;
  return {
    NetworkMode: sandbox,
    ...(config.hostNetwork && { UTSMode: 'host' }),
    IpcMode: config.hostIpc ? 'host' : sandbox,
    ...(pidMode !== undefined && { PidMode: pidMode }),
  };
}

function securityOptions(
  security: ContainerSecurity,
  seccompProfile: string | undefined,
  machine: Possible,
): HostConfig {
  const options: string[] = [];
  if (security.noNewPrivileges) options.push('no-new-privileges');
  if (security.seccomp === 'unconfined') options.push('seccomp=unconfined');
  else if (seccompProfile !== undefined) options.push(`seccomp=${seccompProfile}`);
  if (security.apparmor !== undefined) options.push(`apparmor=${security.apparmor}`);
  for (const [key, value] of Object.entries(security.seLinux ?? {})) options.push(`label=${key}:${value}`);
  const common = {
    ReadonlyRootfs: security.readOnlyRootFilesystem,
    GroupAdd: security.supplementalGroups.map(String),
    SecurityOpt: options,
  };
  // The Engine's own way asks for every capability there is, and fails where the machine withholds one.
  if (security.privileged && machine.withheld.length > 0) {
    const unmasked = { MaskedPaths: [], ReadonlyPaths: [], DeviceCgroupRules: ['a *:* rwm'] };
    return { ...common, ...unmasked, CapAdd: ['ALL'], CapDrop: [...machine.withheld] };
  }
  return {
    ...common,
    Privileged: security.privileged,
    CapAdd: [...security.addCapabilities],
    CapDrop: [...security.dropCapabilities],
    ...(security.unmaskedProc && { MaskedPaths: [], ReadonlyPaths: [] }),
  };
}

/** Where the Engine can, it makes read-only mounts recursive unless told not to; a pod says what it wants. */
function bindMount(mount: Mount, machine: Possible): NonNullable<HostConfig['Mounts']>[number] {
  const readOnlyOptions =
    !mount.readOnly || !machine.recursiveReadOnly
      ? {}
      : mount.recursive === true
        ? { ReadOnlyForceRecursive: true }
        : { ReadOnlyNonRecursive: true };
  return {
    Type: 'bind',
    Source: mount.source,
    Target: mount.target,
    ReadOnly: mount.readOnly,
    BindOptions: { Propagation: mount.propagation ?? 'rprivate', ...readOnlyOptions },
  };
}
