// TokenRequest: asks for a token of a service account.
import { atomicList, define, int64, present, string, time } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';

export class BoundObjectReference extends define('io.k8s.api.authentication.v1.BoundObjectReference', {
  apiVersion: string,
  kind: string,
  name: string,
  uid: string,
}) {}

export class TokenRequestSpec extends define(
  'io.k8s.api.authentication.v1.TokenRequestSpec',
  {
    audiences: atomicList(string),
    boundObjectRef: BoundObjectReference,
    expirationSeconds: int64,
  },
  {
    defaults: { expirationSeconds: 3600 },
  },
) {}

export class TokenRequestStatus extends define('io.k8s.api.authentication.v1.TokenRequestStatus', {
  expirationTimestamp: time,
  token: string,
}) {}

export class TokenRequest extends kind('io.k8s.api.authentication.v1.TokenRequest', {
  spec: present(TokenRequestSpec),
  status: TokenRequestStatus,
}) {}
