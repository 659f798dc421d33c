// Choosing objects by labels, and by fields.
import { atomicList, define, map, required, string } from '../../schema/vocabulary.ts';

export class FieldSelectorRequirement extends define('io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement', {
  key: required(string),
  operator: required(string),
  values: atomicList(string),
}) {}

export class LabelSelectorRequirement extends define('io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement', {
  key: required(string),
  operator: required(string),
  values: atomicList(string),
}) {}

export class LabelSelector extends define(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  {
    matchExpressions: atomicList(LabelSelectorRequirement),
    matchLabels: map(string),
  },
  { atomic: true },
) {}
