// Toleration: lets a pod go where a taint would keep it away.
import { define, int64, oneOf, string } from '../../schema/vocabulary.ts';

export class Toleration extends define('io.k8s.api.core.v1.Toleration', {
  effect: oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule'),
  key: string,
  operator: oneOf('Equal', 'Exists', 'Gt', 'Lt'),
  tolerationSeconds: int64,
  value: string,
}) {}
