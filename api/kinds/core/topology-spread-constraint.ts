// TopologySpreadConstraint: how evenly pods spread over zones or nodes.
import { atomicList, define, int32, oneOf, required, string } from '../../schema/vocabulary.ts';
import { LabelSelector } from '../meta/label-selector.ts';

export class TopologySpreadConstraint extends define('io.k8s.api.core.v1.TopologySpreadConstraint', {
  labelSelector: LabelSelector,
  matchLabelKeys: atomicList(string),
  maxSkew: required(int32),
  minDomains: int32,
  nodeAffinityPolicy: oneOf('Honor', 'Ignore'),
  nodeTaintsPolicy: oneOf('Honor', 'Ignore'),
  topologyKey: required(string),
  whenUnsatisfiable: required(oneOf('DoNotSchedule', 'ScheduleAnyway')),
}) {}
