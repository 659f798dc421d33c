// Impersonate-* headers: acting as another user, each asked-for attribute authorized as verb "impersonate".
import type { IncomingHttpHeaders } from 'node:http';
import { badRequest, forbidden } from '../../../api/meta/status.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { authenticated, serviceAccountOf, wellKnown, type User } from './user.ts';

const extraPrefix = 'impersonate-extra-';

/** Whether any impersonation header is present: the cheap test of every request. */
export function isImpersonating(headers: IncomingHttpHeaders): boolean {
  return 'impersonate-user' in headers || 'impersonate-group' in headers || 'impersonate-uid' in headers;
}

/** The user that the headers ask to be; throws Forbidden when `user` may not. */
export async function impersonate(user: User, headers: IncomingHttpHeaders, authorizer: Authorizer): Promise<User> {
  const username = single(headers['impersonate-user']);
  if (username === undefined) throw badRequest('requested groups, uid or extra without impersonating a user');
  const groups = listOf(headers['impersonate-group']);
  const uid = single(headers['impersonate-uid']);
  const extra: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(extraPrefix)) extra[decodeURIComponent(name.slice(extraPrefix.length))] = listOf(value);
  }
  const allow = async (
    group: string,
    resource: string,
    name: string,
    subresource = '',
    namespace = '',
  ): Promise<void> => {
    const decision = await authorizer.authorize({
      user,
      verb: 'impersonate',
      isResource: true,
      group,
      version: 'v1',
      resource,
      subresource,
      namespace,
      name,
      path: '',
    });
    if (decision.allowed) return;
    throw forbidden(
      { group, plural: resource },
      name,
      `User "${user.username}" cannot impersonate resource "${resource}" in API group "${group}" at the cluster scope`,
    );
  };
  const account = serviceAccountOf(username);
  if (account === undefined) await allow('', 'users', username);
  else await allow('', 'serviceaccounts', account.name, '', account.namespace);
  for (const group of groups) await allow('', 'groups', group);
  if (uid !== undefined) await allow('authentication.k8s.io', 'uids', uid);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) await allow('authentication.k8s.io', 'userextras', value, key);
  }
  const implied =
    account === undefined ? [] : [wellKnown.serviceAccounts, `${wellKnown.serviceAccounts}:${account.namespace}`];
  const acting: User = { username, uid, groups: groups.length > 0 ? groups : implied, extra };
  return username === wellKnown.anonymous ? { ...acting, groups: [wellKnown.unauthenticated] } : authenticated(acting);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Node joins repeated headers with commas; group names hold none. */
function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  const all = Array.isArray(value) ? value : value.split(',');
  return all.map((text) => text.trim()).filter((text) => text !== '');
}
