// Who a request acts for.

/** An authenticated identity, as authorization, admission and audit see it. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Names of groups and users that the system itself speaks of. */
export const wellKnown = {
  masters: 'system:masters',
  authenticated: 'system:authenticated',
  unauthenticated: 'system:unauthenticated',
  anonymous: 'system:anonymous',
  nodes: 'system:nodes',
  nodePrefix: 'system:node:',
  serviceAccounts: 'system:serviceaccounts',
  serviceAccountPrefix: 'system:serviceaccount:',
} as const;

/** Nobody in particular. */
export const anonymous: User = { username: wellKnown.anonymous, groups: [wellKnown.unauthenticated] };

/** The same user with the group that every authenticated user is in. */
export function authenticated(user: User): User {
  if (user.groups.includes(wellKnown.authenticated)) return user;
  return { ...user, groups: [...user.groups, wellKnown.authenticated] };
}

/** The node's name when the user is a kubelet, else undefined. */
export function nodeNameOf(user: User): string | undefined {
  if (!user.username.startsWith(wellKnown.nodePrefix) || !user.groups.includes(wellKnown.nodes)) return undefined;
  return user.username.slice(wellKnown.nodePrefix.length);
}

/** `namespace` and `name` of a service account's username. */
export function serviceAccountOf(username: string): { namespace: string; name: string } | undefined {
  if (!username.startsWith(wellKnown.serviceAccountPrefix)) return undefined;
  const [namespace, name, ...rest] = username.slice(wellKnown.serviceAccountPrefix.length).split(':');
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined;
}
