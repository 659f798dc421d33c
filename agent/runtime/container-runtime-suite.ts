// What every container runtime must do, as tests: run against the hollow and the Docker runtime alike. Tests only.
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { waitFor } from '../../machinery/wait.ts';
import type { ContainerConfig, ContainerRuntime, RuntimeChange } from './container-runtime.ts';

export interface SuiteOptions {
  readonly runtime: () => ContainerRuntime;
  /** An image that is there, with a shell. */
  readonly image: string;
}

const timeoutMs = 15_000;

/** Declares the tests; call it inside a describe. */
export function containerRuntimeSuite({ runtime, image }: SuiteOptions): void {
  const made: string[] = [];
  afterEach(async () => {
    for (const id of made.splice(0).reverse()) await runtime().remove(id);
  });

  const startSandbox = async (podUid: string, attempt = 0): Promise<string> => {
    const identity = { podUid, podName: 'pod', podNamespace: 'default', containerName: '', attempt };
    const flags = { hostNetwork: false, hostPid: false, hostIpc: false, shareProcesses: false };
    const id = await runtime().createSandbox({
      ...identity,
      ...flags,
      hostname: 'pod',
      sysctls: {},
      annotations: { note: 'sandbox' },
    });
    made.push(id);
    await runtime().start(id);
    return id;
  };
  const create = async (podUid: string, sandboxId: string, differs: Partial<ContainerConfig> = {}): Promise<string> => {
    const id = await runtime().createContainer({ ...plainContainer(podUid, sandboxId, image), ...differs });
    made.push(id);
    return id;
  };

  it('lists what it made, with everything that was noted, across its own memory', async () => {
    const podUid = randomUUID();
    const sandboxId = await startSandbox(podUid);
    const id = await create(podUid, sandboxId, { attempt: 4, annotations: { note: 'kept' } });
    const found = (await runtime().list()).filter((one) => one.podUid === podUid);
    expect(found).toHaveLength(2);
    expect(found.find((one) => one.id === id)).toMatchObject({
      kind: 'container',
      state: 'created',
      podName: 'pod',
      podNamespace: 'default',
      containerName: 'app',
      attempt: 4,
      annotations: { note: 'kept' },
    });
    expect(found.find((one) => one.id === sandboxId)).toMatchObject({
      kind: 'sandbox',
      state: 'running',
      annotations: { note: 'sandbox' },
    });
  });

  it('runs a container until it is stopped, and tells when', async () => {
    const podUid = randomUUID();
    const id = await create(podUid, await startSandbox(podUid));
    await runtime().start(id);
    await runtime().start(id);
    const running = await runtime().observe(id);
    expect(running).toMatchObject({ state: 'running', oomKilled: false });
    expect(running?.pid).toBeGreaterThan(0);
    expect(running?.exitCode).toBeUndefined();
    await runtime().stop(id, 0);
    await runtime().stop(id, 0);
    const ended = await runtime().observe(id);
    expect(ended?.state).toBe('exited');
    expect(ended?.exitCode).toBeGreaterThan(128);
    expect(ended?.finishedAtMs).toBeGreaterThanOrEqual(ended?.startedAtMs ?? Infinity);
  });

  it('tells of every change, with the pod', async () => {
    const podUid = randomUUID();
    const changes: RuntimeChange[] = [];
    const stop = runtime().onDidChange((change) => changes.push(change));
    const id = await create(podUid, await startSandbox(podUid));
    const heard = (count: number): Promise<boolean> =>
      waitFor(() => changes.filter((change) => change.containerId === id && change.podUid === podUid).length >= count, {
        timeoutMs,
      });
    await runtime().start(id);
    await heard(1);
    await runtime().signal(id, 'SIGKILL');
    await heard(2);
    await waitFor(async () => (await runtime().observe(id))?.state === 'exited', { timeoutMs });
    await runtime().remove(id);
    await heard(3);
    stop();
  });

  it('forgets what is removed, and removes it only once', async () => {
    const podUid = randomUUID();
    const id = await create(podUid, await startSandbox(podUid));
    await runtime().start(id);
    await runtime().remove(id);
    await runtime().remove(id);
    expect(await runtime().observe(id)).toBeUndefined();
    expect((await runtime().list()).some((one) => one.id === id)).toBe(false);
  });

  it('makes an attempt once: again over what never ran, never over what did', async () => {
    const podUid = randomUUID();
    const sandboxId = await startSandbox(podUid);
    const first = await create(podUid, sandboxId);
    const again = await create(podUid, sandboxId);
    expect(await runtime().observe(first)).toBeUndefined();
    await runtime().start(again);
    await expect(create(podUid, sandboxId)).rejects.toThrow('exists');
  });

  it('changes the limits of what runs, and knows them', async () => {
    const podUid = randomUUID();
    const id = await create(podUid, await startSandbox(podUid), {
      resources: { cpuShares: 100, memoryBytes: 64 * 1024 * 1024 },
    });
    await runtime().start(id);
    expect((await runtime().observe(id))?.resources).toMatchObject({ cpuShares: 100, memoryBytes: 64 * 1024 * 1024 });
    await runtime().update(id, { cpuShares: 200, memoryBytes: 128 * 1024 * 1024 });
    expect((await runtime().observe(id))?.resources).toMatchObject({ cpuShares: 200, memoryBytes: 128 * 1024 * 1024 });
  });

  it('finds an image by its name and by its id', async () => {
    const found = await runtime().images.find(image);
    expect(found?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect((await runtime().images.find(found?.id ?? ''))?.id).toBe(found?.id);
  });

  it('gives what a container wrote', async () => {
    const podUid = randomUUID();
    const id = await create(podUid, await startSandbox(podUid), {
      command: ['sh', '-c', 'echo pod/app runs; sleep 100'],
    });
    await runtime().start(id);
    const read = async (): Promise<string> => text(await runtime().logs(id, { follow: false, timestamps: false }));
    await waitFor(async () => (await read()).includes('pod/app runs'), { timeoutMs });
  });
}

function plainContainer(podUid: string, sandboxId: string, image: string): ContainerConfig {
  return {
    podUid,
    podName: 'pod',
    podNamespace: 'default',
    containerName: 'app',
    attempt: 0,
    sandboxId,
    image,
    command: ['sleep', '100'],
    environment: [],
    mounts: [],
    devices: [],
    security: {
      supplementalGroups: [],
      privileged: false,
      readOnlyRootFilesystem: false,
      noNewPrivileges: true,
      addCapabilities: [],
      dropCapabilities: [],
      seccomp: 'default',
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
    log: { maxBytes: 1024 * 1024, maxFiles: 2 },
    annotations: {},
  };
}
