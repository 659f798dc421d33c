// The container runtime over the Docker Engine (20.10 and later). Event driven: observations are kept per container
// and asked again only after an event, or when a listing shows another state. Needs no registry for itself.
import { readFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import type { Clock } from '../../../machinery/clock.ts';
import { systemClock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { ContainerRuntime, ObservedContainer, RuntimeChange, RuntimeInfo } from '../container-runtime.ts';
import { ContainerNotFound, RuntimeRefusal } from '../container-runtime.ts';
import { dialHere, dialInNamespace } from '../namespace-dial.ts';
import { machineRightsHere } from '../machine-rights.ts';
import { containerCreation, resourceLimits, sandboxCreation } from './create.ts';
import { ask, askUnless, connectEngine, usualLimitMs } from './engine.ts';
import type { Call, ContainerCreation, Engine } from './engine.ts';
import { followEvents } from './events.ts';
import { hostDevices } from './host-devices.ts';
import { createImageStore } from './images.ts';
import { kindLabel, observedFrom } from './observe.ts';
import { pauseFileSystem, pauseImage } from './pause-image.ts';
import { openAttachment, openExec, openLogs } from './sessions.ts';

const inspectionsAtOnce = 8;
const alreadyDone = 304;
const notFound = 404;
const nameTaken = 409;

export interface DockerRuntimeOptions {
  readonly socketPath: string;
  readonly logger: Logger;
  readonly clock?: Clock;
}

export function createDockerRuntime({
  socketPath,
  logger,
  clock = systemClock,
}: DockerRuntimeOptions): ContainerRuntime {
  const engine = connectEngine(socketPath);
  const listeners = new Set<(change: RuntimeChange) => void>();
  const known = new Map<string, { engineState: string; observed: ObservedContainer }>();
  const machine = { ...machineRightsHere(), recursiveReadOnly: false };
  const closing = new AbortController();
  const inspections = pLimit(inspectionsAtOnce);

  const onChange = (change: RuntimeChange): void => {
    if (change.containerId === undefined) known.clear();
    else known.delete(change.containerId);
    for (const listener of listeners) listener(change);
  };
  const following = followEvents(engine, onChange, { clock, logger, signal: closing.signal });

  const observe = async (id: string): Promise<ObservedContainer | undefined> => {
    const inspection = await askUnless([notFound], (abortSignal) => engine.getContainer(id).inspect({ abortSignal }));
    if (inspection === undefined) {
      known.delete(id);
      return undefined;
    }
    const observed = observedFrom(inspection);
    known.set(id, { engineState: inspection.State.Status, observed });
    return observed;
  };

  const create = async (body: ContainerCreation): Promise<string> => {
    const made = await askUnless([nameTaken], (abortSignal) => engine.createContainer({ ...body, abortSignal }));
    if (made !== undefined) return made.id;
    // The same attempt was created before and never reported: an agent died in between. Only a container that never
    // ran may be replaced.
    const earlier = engine.getContainer(body.name ?? '');
    const inspection = await ask((abortSignal) => earlier.inspect({ abortSignal }));
    if (inspection.State.Status !== 'created') throw new RuntimeRefusal(`${body.name} exists already`, nameTaken);
    await askUnless([notFound], (abortSignal) => earlier.remove({ force: true, abortSignal }));
    return (await ask((abortSignal) => engine.createContainer({ ...body, abortSignal }))).id;
  };

  const runtime: ContainerRuntime = {
    kind: 'docker',
    images: createImageStore(engine),
    async info() {
      const info = await engineInfo(engine);
      machine.recursiveReadOnly = info.recursiveReadOnly;
      return info;
    },
    async list() {
      const filters = { label: [kindLabel] };
      const summaries = await ask((abortSignal) => engine.listContainers({ all: true, filters, abortSignal }));
      const found = await Promise.all(
        summaries.map((summary) => {
          const before = known.get(summary.Id);
          if (before?.engineState === summary.State) return before.observed;
          return inspections(() => observe(summary.Id));
        }),
      );
      const present = new Set(summaries.map((summary) => summary.Id));
      for (const id of known.keys()) if (!present.has(id)) known.delete(id);
      return found.filter((observed) => observed !== undefined);
    },
    observe: (id) => observe(id),
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async createSandbox(config) {
      const body = sandboxCreation(config, machine);
      try {
        return await create(body);
      } catch (error) {
        if (!(error instanceof RuntimeRefusal) || error.statusCode !== notFound) throw error;
        await importPause(engine);
        return create(body);
      }
    },
    async createContainer(config) {
      const { seccomp } = config.security;
      const profile = seccomp.startsWith('/') ? await readFile(seccomp, 'utf8') : undefined;
      const isAll = config.security.privileged && machine.withheld.length > 0;
      const devices = isAll ? await hostDevices() : config.devices;
      return create(containerCreation({ ...config, devices }, machine, profile));
    },
    async start(id) {
      await askUnless([alreadyDone], (abortSignal) => engine.getContainer(id).start({ abortSignal }));
    },
    async stop(id, graceSeconds) {
      const limitMs = graceSeconds * 1000 + usualLimitMs;
      const stop: Call<unknown> = (abortSignal) => engine.getContainer(id).stop({ t: graceSeconds, abortSignal });
      await askUnless([alreadyDone, notFound], stop, limitMs);
    },
    async signal(id, signal) {
      await askUnless([notFound, nameTaken], (abortSignal) => engine.getContainer(id).kill({ signal, abortSignal }));
    },
    async remove(id) {
      const options = { force: true, v: true };
      await askUnless([notFound, nameTaken], (abortSignal) =>
        engine.getContainer(id).remove({ ...options, abortSignal }),
      );
      known.delete(id);
    },
    async update(id, resources) {
      await ask((abortSignal) => engine.getContainer(id).update({ ...resourceLimits(resources), abortSignal }));
    },
    logs: (id, options) => openLogs(engine, id, options),
    exec: (id, options) => openExec(engine, clock, id, options),
    attach: (id, options) => openAttachment(engine, id, options),
    async dial(sandboxId, port) {
      const sandbox = await observe(sandboxId);
      if (sandbox === undefined || sandbox.pid === 0) throw new ContainerNotFound(`sandbox ${sandboxId} does not run`);
      return sandbox.hostNetwork ? dialHere(port) : dialInNamespace(sandbox.pid, port);
    },
    async close() {
      closing.abort();
      await following;
    },
  };
  return runtime;
}

/** The Engine makes mounts recursively read-only since API 1.44 (25.0), where the kernel can (5.12). Pure. */
export function canRecurse(apiVersion: string, kernelVersion: string): boolean {
  const atLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
    const [ownMajor = 0, ownMinor = 0] = version.split('.').map((part) => parseInt(part, 10));
    return ownMajor > major || (ownMajor === major && ownMinor >= minor);
  };
  return atLeast(apiVersion, [1, 44]) && atLeast(kernelVersion, [5, 12]);
}

async function importPause(engine: Engine): Promise<void> {
  const [repo, tag] = pauseImage.split(':');
  const progress = await ask(() => engine.importImage(pauseFileSystem(process.arch), { repo, tag }));
  for await (const _line of progress) continue;
}

async function engineInfo(engine: Engine): Promise<RuntimeInfo> {
  const [version, info] = await Promise.all([ask(() => engine.version()), ask(() => engine.info())]);
  const security: string[] = info.SecurityOptions ?? [];
  return {
    name: 'docker',
    version: version.Version,
    apiVersion: version.ApiVersion,
    rootDirectory: info.DockerRootDir,
    operatingSystem: info.OperatingSystem,
    kernelVersion: info.KernelVersion,
    cgroupDriver: info.CgroupDriver,
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    seccomp: security.some((option) => option.includes('name=seccomp')),
    apparmor: security.some((option) => option.includes('name=apparmor')),
    recursiveReadOnly: canRecurse(version.ApiVersion, info.KernelVersion),
  };
}
