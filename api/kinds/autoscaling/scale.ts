// Scale: how many replicas something has and should have, whatever it is.
import { define, int32, present, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';

export class ScaleSpec extends define('io.k8s.api.autoscaling.v1.ScaleSpec', {
  replicas: int32,
}) {}

export class ScaleStatus extends define('io.k8s.api.autoscaling.v1.ScaleStatus', {
  replicas: required(int32),
  selector: string,
}) {}

export class Scale extends kind('io.k8s.api.autoscaling.v1.Scale', {
  spec: present(ScaleSpec),
  status: ScaleStatus,
}) {}
