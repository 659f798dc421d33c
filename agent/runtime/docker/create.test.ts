import { describe, expect, it } from 'vitest';
import type { ContainerConfig, SandboxConfig } from '../container-runtime.ts';
import { containerCreation, sandboxCreation } from './create.ts';

const identity = { podUid: 'u', podName: 'web', podNamespace: 'default', containerName: 'app', attempt: 0 };
const rights = { lowestOomScoreAdjust: -1000, recursiveReadOnly: false, withheld: [] };
const sandbox: SandboxConfig = {
  ...identity,
  hostname: 'web',
  hostNetwork: false,
  hostPid: false,
  hostIpc: false,
  shareProcesses: false,
  sysctls: {},
  annotations: {},
};
const container: ContainerConfig = {
  ...identity,
  sandboxId: 's',
  image: 'app:1',
  environment: [],
  mounts: [],
  devices: [],
  security: {
    supplementalGroups: [],
    privileged: true,
    readOnlyRootFilesystem: false,
    noNewPrivileges: false,
    addCapabilities: [],
    dropCapabilities: [],
    seccomp: 'unconfined',
    unmaskedProc: false,
  },
  resources: {},
  stdin: false,
  stdinOnce: false,
  tty: false,
  hostPid: false,
  hostIpc: false,
  hostNetwork: false,
  shareProcesses: false,
  log: { maxBytes: 1, maxFiles: 1 },
  annotations: {},
};

describe('what the Engine is asked for', () => {
  it('names the handler of a RuntimeClass for the sandbox and its containers, and none by default', () => {
    expect(sandboxCreation({ ...sandbox, handler: 'kata' }, rights).HostConfig?.Runtime).toBe('kata');
    expect(containerCreation({ ...container, handler: 'kata' }, rights).HostConfig?.Runtime).toBe('kata');
    expect(sandboxCreation(sandbox, rights).HostConfig).not.toHaveProperty('Runtime');
  });

  it('is the Engine’s own privileged mode where the machine withholds nothing', () => {
    expect(containerCreation(container, rights).HostConfig).toMatchObject({ Privileged: true, CapAdd: [] });
  });

  it('is all that the machine has, for a privileged container on a machine that withholds a capability', () => {
    const { HostConfig } = containerCreation(container, { ...rights, withheld: ['CAP_SYS_RESOURCE'] });
    expect(HostConfig).toMatchObject({
      CapAdd: ['ALL'],
      CapDrop: ['CAP_SYS_RESOURCE'],
      MaskedPaths: [],
      ReadonlyPaths: [],
      DeviceCgroupRules: ['a *:* rwm'],
      SecurityOpt: ['seccomp=unconfined'],
    });
    expect(HostConfig).not.toHaveProperty('Privileged');
  });

  it('gives a container that is not privileged no more on such a machine', () => {
    const plain = { ...container, security: { ...container.security, privileged: false } };
    const { HostConfig } = containerCreation(plain, { ...rights, withheld: ['CAP_SYS_RESOURCE'] });
    expect(HostConfig).toMatchObject({ Privileged: false, CapAdd: [] });
  });
});
