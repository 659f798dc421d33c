// TokenReview: asks whom a token belongs to.
import { atomicList, boolean, define, required, string } from '../../schema/vocabulary.ts';
import { UserInfo } from './user-info.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';

export class TokenReviewSpec extends define('io.k8s.api.authentication.v1.TokenReviewSpec', {
  audiences: atomicList(string),
  token: required(string),
}) {}

export class TokenReviewStatus extends define('io.k8s.api.authentication.v1.TokenReviewStatus', {
  audiences: atomicList(string),
  authenticated: boolean,
  error: string,
  user: UserInfo,
}) {}

export class TokenReview extends kind('io.k8s.api.authentication.v1.TokenReview', {
  spec: required(TokenReviewSpec),
  status: TokenReviewStatus,
}) {}

export const tokenReviews: ResourceDefinition<TokenReview> = resource(TokenReview, {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  namespaced: false,
  verbs: ['create'],
});
