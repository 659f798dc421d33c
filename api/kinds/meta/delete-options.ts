// DeleteOptions: how an object is to be deleted.
import { atomicList, boolean, define, int64, string } from '../../schema/vocabulary.ts';

export class Preconditions extends define('io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions', {
  resourceVersion: string,
  uid: string,
}) {}

export class DeleteOptions extends define('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', {
  apiVersion: string,
  dryRun: atomicList(string),
  gracePeriodSeconds: int64,
  ignoreStoreReadErrorWithClusterBreakingPotential: boolean,
  kind: string,
  orphanDependents: boolean,
  preconditions: Preconditions,
  propagationPolicy: string,
}) {}
