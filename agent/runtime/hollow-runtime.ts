// A container runtime that runs nothing: containers start at once and run until they are stopped. For simulations and
// scale tests; it keeps the same contract as the Docker runtime, in memory. Images are all here, whatever their name.
import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { systemClock } from '../../machinery/clock.ts';
import type { Clock } from '../../machinery/clock.ts';
import { ContainerNotFound, RuntimeRefusal } from './container-runtime.ts';
import type { ContainerRuntime, ObservedContainer, RuntimeChange, RuntimeImage, Session } from './container-runtime.ts';

const stoppedExitCode = 143;
const killedExitCode = 137;
const imageBytes = 10_000_000;

export function createHollowRuntime({ clock = systemClock }: { clock?: Clock } = {}): ContainerRuntime {
  const containers = new Map<string, ObservedContainer>();
  const listeners = new Set<(change: RuntimeChange) => void>();
  let sequence = 0;

  const put = (observed: ObservedContainer): void => {
    containers.set(observed.id, observed);
    const change = { podUid: observed.podUid, containerId: observed.id };
    for (const listener of listeners) listener(change);
  };
  const find = (id: string): ObservedContainer => {
    const found = containers.get(id);
    if (found === undefined) throw new ContainerNotFound(`no such container: ${id}`);
    return found;
  };
  const end = (id: string, exitCode: number): void => {
    const observed = containers.get(id);
    if (observed?.state !== 'running') return;
    put({ ...observed, state: 'exited', pid: 0, exitCode, finishedAtMs: clock.now() });
  };
  const create = (made: Omit<ObservedContainer, 'id' | 'state' | 'pid' | 'createdAtMs' | 'oomKilled'>): string => {
    const name = [made.kind, made.podUid, made.containerName, made.attempt].join('/');
    const twin = [...containers.values()].find(
      (one) => [one.kind, one.podUid, one.containerName, one.attempt].join('/') === name,
    );
    if (twin !== undefined && twin.state !== 'created') throw new RuntimeRefusal(`${name} exists already`, 409);
    if (twin !== undefined) containers.delete(twin.id);
    const id = createHash('sha256').update(`${name}/${sequence++}/${clock.now()}`).digest('hex');
    containers.set(id, { ...made, id, state: 'created', pid: 0, createdAtMs: clock.now(), oomKilled: false });
    return id;
  };

  return {
    kind: 'hollow',
    images: {
      find: (reference) => Promise.resolve(imageNamed(reference)),
      pull: (reference) => Promise.resolve(imageNamed(reference)),
      mount: () => Promise.reject(new RuntimeRefusal('a hollow node has no files of images', 501)),
      list: () => Promise.resolve([]),
      remove: () => Promise.resolve(),
    },
    info: () =>
      Promise.resolve({
        name: 'hollow',
        version: '1.0.0',
        apiVersion: '1.0.0',
        rootDirectory: '/',
        operatingSystem: 'none',
        kernelVersion: '0.0.0',
        cgroupDriver: 'none',
        cgroupVersion: 2,
        seccomp: false,
        apparmor: false,
        recursiveReadOnly: false,
      }),
    list: () => Promise.resolve([...containers.values()]),
    observe: (id) => Promise.resolve(containers.get(id)),
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async createSandbox(config) {
      const { podUid, podName, podNamespace, attempt, hostNetwork, annotations } = config;
      const image = { image: 'hollow/pause', imageId: 'sha256:hollow', resources: {} };
      return create({
        kind: 'sandbox',
        podUid,
        podName,
        podNamespace,
        containerName: '',
        attempt,
        hostNetwork,
        annotations,
        ...image,
      });
    },
    async createContainer(config) {
      find(config.sandboxId);
      const { podUid, podName, podNamespace, containerName, attempt, hostNetwork, annotations, image } = config;
      const made = {
        podUid,
        podName,
        podNamespace,
        containerName,
        attempt,
        hostNetwork,
        annotations,
        resources: config.resources,
      };
      return create({ kind: 'container', ...made, image, imageId: imageNamed(image).id });
    },
    async start(id) {
      const observed = find(id);
      if (observed.state !== 'running')
        put({ ...observed, state: 'running', pid: ++sequence, startedAtMs: clock.now() });
    },
    stop: async (id) => end(id, stoppedExitCode),
    signal: async (id, signal) => end(id, signal === 'SIGKILL' ? killedExitCode : stoppedExitCode),
    async remove(id) {
      const observed = containers.get(id);
      if (observed === undefined) return;
      end(id, killedExitCode);
      containers.delete(id);
      for (const listener of listeners) listener({ podUid: observed.podUid, containerId: id });
    },
    update: async (id, resources) => put({ ...find(id), resources }),
    async logs(id) {
      const { containerName, podName } = find(id);
      return Readable.from([`${podName}/${containerName} runs on a hollow node: there is no process behind it\n`]);
    },
    exec: (id) => Promise.resolve(emptySession(find(id))),
    attach: (id) => Promise.resolve(emptySession(find(id))),
    dial: () => Promise.reject(new RuntimeRefusal('a hollow node has no ports', 501)),
    close: () => Promise.resolve(),
  };
}

function imageNamed(reference: string): RuntimeImage {
  const id = reference.startsWith('sha256:')
    ? reference
    : `sha256:${createHash('sha256').update(reference).digest('hex')}`;
  return { id, tags: [reference], digests: [], sizeBytes: imageBytes, user: '1000' };
}

function emptySession(observed: ObservedContainer): Session {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stdout.end();
  stderr.end(`${observed.podName} runs on a hollow node: commands cannot run there\n`);
  return {
    stdin: new PassThrough(),
    stdout,
    stderr,
    resize: () => Promise.resolve(),
    exitCode: Promise.resolve(1),
    close: () => undefined,
  };
}
