// The chain that may change or refuse a write, and that may take something (an address, a quota) which has to be
// given back when the write does not land. Order: mutate all, then validate all.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { User } from '../authentication/user.ts';
import type { ResourceDefinition } from '../served/definition.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What an admission step judges. */
export interface AdmissionRequest {
  readonly operation: Operation;
  readonly definition: ResourceDefinition;
  /** The resource that the client named, where the request is judged as an equivalent one. */
  readonly asked?: ResourceDefinition;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
  /**
   * The object to be written; absent for DELETE. For subresources with their own kind, that object; for CONNECT the
   * options of the connection, which have no metadata.
   */
  readonly object: KubernetesObject | undefined;
  readonly previous: Readonly<KubernetesObject> | undefined;
  /** Sentences for the client. */
  readonly warnings: string[];
  /** Adds to what the audit log says of this request; keys are qualified names. */
  annotate(key: string, value: string): void;
  /** Registers what undoes this step when the write fails later. */
  onFailure(undo: () => void): void;
  /** Registers what follows when the write has landed. */
  onSuccess(done: () => void): void;
}

/** What the request is about, by name. */
export function nameOf({ operation, object, name }: AdmissionRequest): string {
  return operation === 'CONNECT' ? name : (object?.metadata.name ?? name);
}

/** One step of the chain. Throws an ApiError to refuse. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Cheap test, called for every write. */
  concerns(request: AdmissionRequest): boolean;
  mutate?(request: AdmissionRequest): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
  /** Told after an object has really left the store: gives back what it held. */
  removed?(definition: ResourceDefinition, object: Readonly<KubernetesObject>): void;
}

/** The assembled chain. */
export interface Admission {
  mutate(request: AdmissionRequest): Promise<void>;
  validate(request: AdmissionRequest): Promise<void>;
  removed(definition: ResourceDefinition, object: Readonly<KubernetesObject>): void;
}

/** Told how long something took, and whether it refused. */
export type Observe = (operation: Operation, rejected: boolean, seconds: number) => void;

export type Phase = 'admit' | 'validate';

/** Who times the chain. */
export interface AdmissionTimer {
  plugin(phase: Phase, name: string): Observe;
  /** All plugins of a phase together. */
  step(phase: Phase): Observe;
}

const ignore: Observe = () => undefined;
const untimed: AdmissionTimer = { plugin: () => ignore, step: () => ignore };

interface Stage {
  readonly plugin: AdmissionPlugin;
  readonly act: (request: AdmissionRequest) => void | Promise<void>;
  readonly observe: Observe;
}

/** Chains plugins in the given order. */
export function createAdmission(plugins: readonly AdmissionPlugin[], timer: AdmissionTimer = untimed): Admission {
  const releasing = plugins.filter(({ removed }) => removed !== undefined);
  const stagesOf = (phase: Phase, verb: 'mutate' | 'validate'): Stage[] =>
    plugins.flatMap((plugin) => {
      const act = plugin[verb]?.bind(plugin);
      return act === undefined ? [] : [{ plugin, act, observe: timer.plugin(phase, plugin.name) }];
    });
  const [mutating, mutated] = [stagesOf('admit', 'mutate'), timer.step('admit')];
  const [validating, validated] = [stagesOf('validate', 'validate'), timer.step('validate')];
  return {
    removed(definition, object) {
      for (const plugin of releasing) plugin.removed?.(definition, object);
    },
    mutate: (request) => run(mutating, mutated, request),
    validate: (request) => run(validating, validated, request),
  };
}

/** One after the other; what a plugin does at once costs no turn. One look at the clock ends one and begins the next. */
async function run(stages: readonly Stage[], step: Observe, request: AdmissionRequest): Promise<void> {
  const { operation } = request;
  const begunMs = performance.now();
  let atMs = begunMs;
  for (const { plugin, act, observe } of stages) {
    if (!plugin.concerns(request)) continue;
    try {
      const outcome = act(request);
      if (outcome !== undefined) await outcome;
    } catch (error) {
      const nowMs = performance.now();
      observe(operation, true, (nowMs - atMs) / 1000);
      step(operation, true, (nowMs - begunMs) / 1000);
      throw error;
    }
    const nowMs = performance.now();
    observe(operation, false, (nowMs - atMs) / 1000);
    atMs = nowMs;
  }
  step(operation, false, (atMs - begunMs) / 1000);
}
