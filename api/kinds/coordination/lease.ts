// Lease: a claim that must be renewed: of leadership, or of being alive.
import { define, int32, microTime, present, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { validateLease } from './lease-rules.ts';
import { leasePrinter } from '../printing/policy-printers.ts';

export class LeaseSpec extends define('io.k8s.api.coordination.v1.LeaseSpec', {
  acquireTime: microTime,
  holderIdentity: string,
  leaseDurationSeconds: int32,
  leaseTransitions: int32,
  preferredHolder: string,
  renewTime: microTime,
  strategy: string,
}) {}

export class Lease extends kind('io.k8s.api.coordination.v1.Lease', {
  spec: present(LeaseSpec),
}) {}

export const leases: ResourceDefinition<Lease> = resource(Lease, {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  namespaced: true,
  validate: validateLease,
  printer: leasePrinter,
});
