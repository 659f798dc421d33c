// What a step is. `check` says whether the machine already is as wanted; `record` notes what `revert` needs, and is
// written into the machine's journal before `apply` changes anything. All are idempotent: a step cut anywhere is applied
// again with its first record, so that what was found on the machine is never confused with what was half made.
import type { ClusterSpec, MachineFacts, MachineSpec, ProvisionOptions } from '../contract.ts';
import type { ClusterPaths } from '../paths.ts';
import type { SharedWork } from './shared-work.ts';
import type { Transport } from '../transport/contract.ts';

/** What all steps of one run share. */
export interface ClusterContext extends SharedWork {
  readonly spec: ClusterSpec;
  readonly paths: ClusterPaths;
  readonly options: ProvisionOptions;
  readonly signal: AbortSignal;
  /** Facts of all machines, by name. */
  readonly facts: ReadonlyMap<string, MachineFacts>;
  /** Open transports of all machines, by name. */
  readonly transports: ReadonlyMap<string, Transport>;
}

/** What a step on one machine works with. */
export interface MachineContext {
  readonly cluster: ClusterContext;
  readonly spec: ClusterSpec;
  readonly machine: MachineSpec;
  readonly facts: MachineFacts;
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** Hands output on to whoever watches. */
  readonly log: (text: string) => void;
}

/** A step on a machine. R is JSON: it lives in the journal. */
export interface MachineStep<R = unknown> {
  readonly kind: string;
  check(context: MachineContext): Promise<boolean>;
  record(context: MachineContext): Promise<R>;
  apply(context: MachineContext, record: R): Promise<void>;
  /** Undoes `apply`, also a partial one; finds nothing to do when called twice. */
  revert(context: MachineContext, record: R): Promise<void>;
}

/** A step on the console's computer. */
export interface ConsoleStep {
  readonly kind: string;
  check(context: ClusterContext): Promise<boolean>;
  apply(context: ClusterContext): Promise<void>;
}

/** Declares a machine step and forgets its record's type, which only the step itself knows. */
export function machineStep<R>(step: MachineStep<R>): MachineStep {
  return step as MachineStep;
}
