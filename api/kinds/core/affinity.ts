// Affinity: which nodes, and which neighbours, a pod needs, prefers or avoids.
import { atomicList, define, int32, oneOf, required, string } from '../../schema/vocabulary.ts';
import { LabelSelector } from '../meta/label-selector.ts';

export class NodeSelectorRequirement extends define('io.k8s.api.core.v1.NodeSelectorRequirement', {
  key: required(string),
  operator: required(oneOf('DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn')),
  values: atomicList(string),
}) {}

export class NodeSelectorTerm extends define(
  'io.k8s.api.core.v1.NodeSelectorTerm',
  {
    matchExpressions: atomicList(NodeSelectorRequirement),
    matchFields: atomicList(NodeSelectorRequirement),
  },
  { atomic: true },
) {}

export class PreferredSchedulingTerm extends define('io.k8s.api.core.v1.PreferredSchedulingTerm', {
  preference: required(NodeSelectorTerm),
  weight: required(int32),
}) {}

export class NodeSelector extends define(
  'io.k8s.api.core.v1.NodeSelector',
  {
    nodeSelectorTerms: required(atomicList(NodeSelectorTerm)),
  },
  { atomic: true },
) {}

export class NodeAffinity extends define('io.k8s.api.core.v1.NodeAffinity', {
  preferredDuringSchedulingIgnoredDuringExecution: atomicList(PreferredSchedulingTerm),
  requiredDuringSchedulingIgnoredDuringExecution: NodeSelector,
}) {}

export class PodAffinityTerm extends define('io.k8s.api.core.v1.PodAffinityTerm', {
  labelSelector: LabelSelector,
  matchLabelKeys: atomicList(string),
  mismatchLabelKeys: atomicList(string),
  namespaceSelector: LabelSelector,
  namespaces: atomicList(string),
  topologyKey: required(string),
}) {}

export class WeightedPodAffinityTerm extends define('io.k8s.api.core.v1.WeightedPodAffinityTerm', {
  podAffinityTerm: required(PodAffinityTerm),
  weight: required(int32),
}) {}

export class PodAffinity extends define('io.k8s.api.core.v1.PodAffinity', {
  preferredDuringSchedulingIgnoredDuringExecution: atomicList(WeightedPodAffinityTerm),
  requiredDuringSchedulingIgnoredDuringExecution: atomicList(PodAffinityTerm),
}) {}

export class PodAntiAffinity extends define('io.k8s.api.core.v1.PodAntiAffinity', {
  preferredDuringSchedulingIgnoredDuringExecution: atomicList(WeightedPodAffinityTerm),
  requiredDuringSchedulingIgnoredDuringExecution: atomicList(PodAffinityTerm),
}) {}

export class Affinity extends define('io.k8s.api.core.v1.Affinity', {
  nodeAffinity: NodeAffinity,
  podAffinity: PodAffinity,
  podAntiAffinity: PodAntiAffinity,
}) {}
