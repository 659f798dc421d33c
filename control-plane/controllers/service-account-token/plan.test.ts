import { describe, expect, it } from 'vitest';
import type { Secret, ServiceAccount } from '../../../api/kinds/core/index.ts';
import { metaOf } from '../testing/fixtures.ts';
import { accountUidAnnotation, filledSecret, planTokenSecret, tokenSecretType } from './plan.ts';

const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metaOf('robot') };
const secret = (data?: Record<string, string>, uid?: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metaOf('robot-token', { annotations: uid === undefined ? {} : { [accountUidAnnotation]: uid } }),
  type: tokenSecretType,
  data,
});

describe('a Secret for an account', () => {
  it('is filled once, and follows a new root CA without a new token', () => {
    expect(planTokenSecret(secret(), account, 'ca')).toEqual({ do: 'fill', needsToken: true });
    const filled = filledSecret(secret(), account, 'ca', 'token');
    expect(planTokenSecret(filled, account, 'ca')).toEqual({ do: 'nothing' });
    expect(planTokenSecret(filled, account, 'other ca')).toEqual({ do: 'fill', needsToken: false });
    expect(filledSecret(filled, account, 'other ca', undefined).data?.['token']).toBe(filled.data?.['token']);
  });

  it('goes with the account, and is no use to another of the same name', () => {
    expect(planTokenSecret(secret(), undefined, 'ca')).toEqual({ do: 'delete' });
    expect(planTokenSecret(secret({}, 'former'), account, 'ca')).toEqual({ do: 'delete' });
  });
});
