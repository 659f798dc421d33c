// Eviction: asks a pod to go, if its disruption budget lets it.
import { DeleteOptions } from '../meta/delete-options.ts';
import { kind } from '../kind.ts';

export class Eviction extends kind('io.k8s.api.policy.v1.Eviction', {
  deleteOptions: DeleteOptions,
}) {}
