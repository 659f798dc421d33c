// Condition: one aspect of the state of an object.
import { define, int64, required, string, time } from '../../schema/vocabulary.ts';

export class Condition extends define('io.k8s.apimachinery.pkg.apis.meta.v1.Condition', {
  lastTransitionTime: required(time),
  message: required(string),
  observedGeneration: int64,
  reason: required(string),
  status: required(string),
  type: required(string),
}) {}
