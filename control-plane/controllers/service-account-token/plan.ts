// Secrets of type kubernetes.io/service-account-token: filled with a token of their account, and gone with it. Pure.
import type { Secret, ServiceAccount } from '../../../api/kinds/core/index.ts';

export const tokenSecretType = 'kubernetes.io/service-account-token';
export const accountNameAnnotation = 'kubernetes.io/service-account.name';
export const accountUidAnnotation = 'kubernetes.io/service-account.uid';

export type TokenSecretPlan =
  | { readonly do: 'nothing' }
  /** The account is gone, or another has its name. */
  | { readonly do: 'delete' }
  | { readonly do: 'fill'; readonly needsToken: boolean };

const encode = (text: string): string => Buffer.from(text).toString('base64');

/** What the Secret says of the cluster, beside the token. */
export function surroundingsOf(secret: Readonly<Secret>, rootCa: string | undefined): Record<string, string> {
  return {
    namespace: encode(secret.metadata.namespace ?? ''),
    ...(rootCa === undefined ? {} : { 'ca.crt': encode(rootCa) }),
  };
}

/** @param account the account that the Secret names, if it exists for certain */
export function planTokenSecret(
  secret: Readonly<Secret>,
  account: Readonly<ServiceAccount> | undefined,
  rootCa: string | undefined,
): TokenSecretPlan {
  if (secret.metadata.deletionTimestamp !== undefined) return { do: 'nothing' };
  const uid = secret.metadata.annotations?.[accountUidAnnotation];
  if (account === undefined || (uid !== undefined && uid !== account.metadata.uid)) return { do: 'delete' };
  const needsToken = !secret.data?.['token'];
  const isCurrent = Object.entries(surroundingsOf(secret, rootCa)).every(
    ([key, value]) => secret.data?.[key] === value,
  );
  return needsToken || uid === undefined || !isCurrent ? { do: 'fill', needsToken } : { do: 'nothing' };
}

/** The Secret as it should be. */
export function filledSecret(
  secret: Readonly<Secret>,
  account: Readonly<ServiceAccount>,
  rootCa: string | undefined,
  token: string | undefined,
): Secret {
  const annotations = { ...secret.metadata.annotations, [accountUidAnnotation]: account.metadata.uid };
  const data = {
    ...secret.data,
    ...surroundingsOf(secret, rootCa),
    ...(token === undefined ? {} : { token: encode(token) }),
  };
  return { ...secret, metadata: { ...secret.metadata, annotations }, data };
}
