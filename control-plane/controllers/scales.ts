// The scale subresource of whatever kind has one, custom kinds included: where it is, and what it says.
import type { RestClient } from '../../machinery/rest-client.ts';
import { requestJson } from '../../machinery/request.ts';

export interface Scale {
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion: string };
  spec: { replicas?: number };
  status?: { replicas?: number; selector?: string };
}

/** A workload by name, as owner references and autoscalers have it. */
export interface ScaleTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

export interface Scales {
  /** Throws what the server answers, or that the kind is not served or cannot be scaled. */
  get(namespace: string, target: ScaleTarget): Promise<Scale>;
  /** Sets the replicas, unless the scale has changed since it was read. */
  resize(namespace: string, target: ScaleTarget, scale: Readonly<Scale>, replicas: number): Promise<void>;
}

interface ResourceList {
  resources?: { name: string; kind: string }[];
}

const json = { accept: 'application/json', 'content-type': 'application/json' };

export function createScales(client: RestClient, signal: AbortSignal): Scales {
  /** Plural names of kinds that can be scaled, by group version and kind. */
  const plurals = new Map<string, string>();

  const pluralOf = async (root: string, { apiVersion, kind }: ScaleTarget): Promise<string> => {
    const id = `${apiVersion}/${kind}`;
    const known = plurals.get(id);
    if (known !== undefined) return known;
    const list = await requestJson<ResourceList>(client.request, { method: 'GET', path: root, headers: json, signal });
    const own = list.resources?.find((one) => one.kind === kind && !one.name.includes('/'));
    if (own === undefined) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`);
    if (!list.resources?.some(({ name }) => name === `${own.name}/scale`))
      throw new Error(`${own.name} of ${apiVersion} does not implement the scale subresource`);
    plurals.set(id, own.name);
    return own.name;
  };
  const pathOf = async (namespace: string, target: ScaleTarget): Promise<string> => {
    const root = target.apiVersion.includes('/') ? `/apis/${target.apiVersion}` : `/api/${target.apiVersion}`;
    return `${root}/namespaces/${namespace}/${await pluralOf(root, target)}/${target.name}/scale`;
  };
  return {
    async get(namespace, target) {
      const path = await pathOf(namespace, target);
      return requestJson<Scale>(client.request, { method: 'GET', path, headers: json, signal });
    },
    async resize(namespace, target, scale, replicas) {
      const path = await pathOf(namespace, target);
      const body = JSON.stringify({ ...scale, spec: { ...scale.spec, replicas } });
      await requestJson(client.request, { method: 'PUT', path, headers: json, body, signal });
    },
  };
}
