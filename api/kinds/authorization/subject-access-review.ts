// SubjectAccessReview: asks whether somebody may do something. The other reviews are made of its parts.
import { atomicList, boolean, define, list, map, required, string } from '../../schema/vocabulary.ts';
import { FieldSelectorRequirement, LabelSelectorRequirement } from '../meta/label-selector.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';

export class FieldSelectorAttributes extends define('io.k8s.api.authorization.v1.FieldSelectorAttributes', {
  rawSelector: string,
  requirements: atomicList(FieldSelectorRequirement),
}) {}

export class LabelSelectorAttributes extends define('io.k8s.api.authorization.v1.LabelSelectorAttributes', {
  rawSelector: string,
  requirements: atomicList(LabelSelectorRequirement),
}) {}

export class NonResourceAttributes extends define('io.k8s.api.authorization.v1.NonResourceAttributes', {
  path: string,
  verb: string,
}) {}

export class ResourceAttributes extends define('io.k8s.api.authorization.v1.ResourceAttributes', {
  fieldSelector: FieldSelectorAttributes,
  group: string,
  labelSelector: LabelSelectorAttributes,
  name: string,
  namespace: string,
  resource: string,
  subresource: string,
  verb: string,
  version: string,
}) {}

export class SubjectAccessReviewSpec extends define('io.k8s.api.authorization.v1.SubjectAccessReviewSpec', {
  extra: map(list(string)),
  groups: atomicList(string),
  nonResourceAttributes: NonResourceAttributes,
  resourceAttributes: ResourceAttributes,
  uid: string,
  user: string,
}) {}

export class SubjectAccessReviewStatus extends define('io.k8s.api.authorization.v1.SubjectAccessReviewStatus', {
  allowed: required(boolean),
  denied: boolean,
  evaluationError: string,
  reason: string,
}) {}

export class SubjectAccessReview extends kind('io.k8s.api.authorization.v1.SubjectAccessReview', {
  spec: required(SubjectAccessReviewSpec),
  status: SubjectAccessReviewStatus,
}) {}

export const subjectAccessReviews: ResourceDefinition<SubjectAccessReview> = resource(SubjectAccessReview, {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'subjectaccessreviews',
  namespaced: false,
  verbs: ['create'],
});
