// Status: the answer to a request that failed, or has nothing else to say.
import { atomicList, define, int32, string } from '../../schema/vocabulary.ts';
import { listMeta } from './object-meta.ts';

export class StatusCause extends define('io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause', {
  field: string,
  message: string,
  reason: string,
}) {}

export class StatusDetails extends define('io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails', {
  causes: atomicList(StatusCause),
  group: string,
  kind: string,
  name: string,
  retryAfterSeconds: int32,
  uid: string,
}) {}

export class Status extends define('io.k8s.apimachinery.pkg.apis.meta.v1.Status', {
  apiVersion: string,
  code: int32,
  details: StatusDetails,
  kind: string,
  message: string,
  metadata: listMeta,
  reason: string,
  status: string,
}) {}
