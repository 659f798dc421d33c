// CSIDriver: what a storage driver can do.
import { atomicList, boolean, define, int64, required, setOf, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { csiDriverPrinter } from '../printing/storage-printers.ts';

export class TokenRequest extends define('io.k8s.api.storage.v1.TokenRequest', {
  audience: required(string),
  expirationSeconds: int64,
}) {}

export class CSIDriverSpec extends define(
  'io.k8s.api.storage.v1.CSIDriverSpec',
  {
    attachRequired: boolean,
    fsGroupPolicy: string,
    nodeAllocatableUpdatePeriodSeconds: int64,
    podInfoOnMount: boolean,
    preventPodSchedulingIfMissing: boolean,
    requiresRepublish: boolean,
    seLinuxMount: boolean,
    serviceAccountTokenInSecrets: boolean,
    storageCapacity: boolean,
    tokenRequests: atomicList(TokenRequest),
    volumeLifecycleModes: setOf(string),
  },
  {
    defaults: {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      volumeLifecycleModes: () => ['Persistent'],
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
    },
  },
) {}

export class CSIDriver extends kind('io.k8s.api.storage.v1.CSIDriver', {
  spec: required(CSIDriverSpec),
}) {}

export const csiDrivers: ResourceDefinition<CSIDriver> = resource(CSIDriver, {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'csidrivers',
  namespaced: false,
  printer: csiDriverPrinter,
});
