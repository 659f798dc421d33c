// ResourceRequirements: how much of the machine something asks for and may use.
import { define, keyedList, map, quantity, required, string } from '../../schema/vocabulary.ts';

export class ResourceClaim extends define('io.k8s.api.core.v1.ResourceClaim', {
  name: required(string),
  request: string,
}) {}

export class ResourceRequirements extends define('io.k8s.api.core.v1.ResourceRequirements', {
  claims: keyedList(ResourceClaim, 'name', { mergeKey: null }),
  limits: map(quantity),
  requests: map(quantity),
}) {}
