// Requests of day two to the cluster's API: patient with API servers that restart, and plain about refusals.
import type { RestClient } from '../../machinery/rest-client.ts';
import { persist } from '../run/persist.ts';

/** How long masters that restart, and an etcd that is settling, are waited for. */
export const patienceMs = 60_000;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request; 404, 409 and 429 (a budget says not now) are answers, other refusals errors. `path` may hold a query. */
export async function ask(
  client: RestClient,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const [pathname = path, search = ''] = path.split('?');
  const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
  const query = Object.fromEntries(new URLSearchParams(search));
  const request = {
    method,
    path: pathname,
    query,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  };
  const { status, content } = await persist(signal, patienceMs, async () => {
    const response = await client.request(request);
    const content = await response.text();
    if (response.status >= 500) throw new Error(`${method} ${path}: ${response.status} ${content.slice(0, 200)}`);
    return { status: response.status, content };
  });
  if (status >= 300 && ![404, 409, 429].includes(status))
    throw new Error(`${method} ${path}: ${status} ${content.slice(0, 200)}`);
  return { status, body: content };
}

/** What day two reads of a Node. */
export interface NodeObject {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly nodeInfo?: { readonly kubeletVersion?: string; readonly bootID?: string };
  };
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** The node called `name`, or undefined when there is none. */
export async function readNode(
  client: RestClient,
  name: string,
  signal?: AbortSignal,
): Promise<NodeObject | undefined> {
  const { status, body } = await ask(client, 'GET', `/api/v1/nodes/${name}`, undefined, signal);
  return status === 404 ? undefined : (JSON.parse(body) as NodeObject);
}

/** All nodes. */
export async function readNodes(client: RestClient, signal?: AbortSignal): Promise<NodeObject[]> {
  const { body } = await ask(client, 'GET', '/api/v1/nodes', undefined, signal);
  return (JSON.parse(body) as { items: NodeObject[] }).items;
}

/** True when the cluster calls the node Ready. */
export function isReady(node: NodeObject | undefined): boolean {
  return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
