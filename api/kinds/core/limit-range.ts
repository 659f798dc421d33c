// LimitRange: limits on single pods, containers and claims of a namespace.
import { fillLimitRangeItem } from './limit-range-defaults.ts';
import { atomicList, define, map, present, quantity, required, string, fillDefaults } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { validateLimitRange } from './rules/limit-rules.ts';

export class LimitRangeItem extends define('io.k8s.api.core.v1.LimitRangeItem', {
  default: map(quantity),
  defaultRequest: map(quantity),
  max: map(quantity),
  maxLimitRequestRatio: map(quantity),
  min: map(quantity),
  type: required(string),
}) {}
fillDefaults(LimitRangeItem, fillLimitRangeItem);

export class LimitRangeSpec extends define('io.k8s.api.core.v1.LimitRangeSpec', {
  limits: required(atomicList(LimitRangeItem)),
}) {}

export class LimitRange extends kind('io.k8s.api.core.v1.LimitRange', {
  spec: present(LimitRangeSpec),
}) {}

export const limitRanges: ResourceDefinition<LimitRange> = resource(LimitRange, {
  group: '',
  version: 'v1',
  plural: 'limitranges',
  shortNames: ['limits'],
  namespaced: true,
  validate: validateLimitRange,
});
