// Whether the node can take pods: the runtime answers, the network stands, and memory, disk and process ids suffice.
import type { Clock } from '../../../machinery/clock.ts';
import type { ContainerRuntime } from '../../runtime/container-runtime.ts';
import type { Pressure } from '../eviction/pressure.ts';
import type { NodeHealth } from './node-object.ts';

export interface NodeHealthOptions {
  readonly runtime: ContainerRuntime;
  /** Why pods cannot have a network now; undefined when they can. */
  readonly networkProblem: () => string | undefined;
  readonly pressure: Pressure;
  readonly clock: Clock;
}

/** An Engine that is only busy answers within this. */
const runtimeAnswerMs = 20_000;

export function createNodeHealth({
  runtime,
  networkProblem,
  pressure,
  clock,
}: NodeHealthOptions): () => Promise<NodeHealth> {
  return async () => {
    const [runtimeSays, { memoryPressure, diskPressure, pidPressure }] = await Promise.all([
      runtimeProblem(runtime, clock),
      pressure.look(),
    ]);
    const notReady = [runtimeSays, networkProblem()].filter((problem) => problem !== undefined);
    return { notReady, memoryPressure, diskPressure, pidPressure };
  };
}

/** A runtime that hangs is as down as one that is gone. */
async function runtimeProblem(runtime: ContainerRuntime, clock: Clock): Promise<string | undefined> {
  const waiting = new AbortController();
  const answers = runtime.images.find('pilothouse/none:none').then(
    () => undefined,
    (error: Error) => `container runtime is down: ${error.message}`,
  );
  const hangs = clock
    .sleep(runtimeAnswerMs, waiting.signal)
    .then(() => `container runtime is down: no answer within ${runtimeAnswerMs / 1000} s`);
  return Promise.race([answers, hangs]).finally(() => waiting.abort());
}
