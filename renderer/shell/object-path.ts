// Where an object's page is, for the kinds that have one.
import type { ObjectRef } from '../../api/console/index.ts';

const pages: Readonly<Record<string, string>> = { Pod: 'pods', Deployment: 'deployments', Node: 'nodes' };

/** The address of an object's page, or nothing. */
export function objectPath(
  clusterId: string,
  { kind, namespace, name }: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>,
): string | undefined {
  const page = pages[kind];
  if (page === undefined) return undefined;
  const inside = kind === 'Node' ? name : `${namespace ?? 'default'}/${name}`;
  return `/clusters/${clusterId}/${page}/${inside}`;
}
