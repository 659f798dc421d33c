// What upkeep keeps in the cluster itself: Secrets and ConfigMaps of kube-system, read and patched by name.
import type { RestClient } from '../../machinery/rest-client.ts';

export interface SecretData {
  /** Decoded. */
  readonly data: Readonly<Record<string, string>>;
  /** When it was written first. */
  readonly createdAtMs: number;
}

export interface ClusterData {
  readSecret(name: string, signal: AbortSignal): Promise<SecretData | undefined>;
  readConfigMap(name: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
  /** Sets keys (null removes one) and makes the ConfigMap when it is missing. */
  patchConfigMap(name: string, data: Readonly<Record<string, string | null>>, signal: AbortSignal): Promise<void>;
  /** A GET of anything else; undefined for 404. */
  get<T>(path: string, signal: AbortSignal): Promise<T | undefined>;
}

const base = '/api/v1/namespaces/kube-system';

/** kube-system through a client. */
export function createClusterData(client: RestClient): ClusterData {
  const get = async <T>(path: string, signal: AbortSignal): Promise<T | undefined> => {
    const response = await client.request({ method: 'GET', path, headers: { accept: 'application/json' }, signal });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${text.slice(0, 200)}`);
    return JSON.parse(text) as T;
  };
  const send = async (
    method: string,
    path: string,
    type: string,
    body: object,
    signal: AbortSignal,
  ): Promise<number> => {
    const headers = { 'content-type': type, accept: 'application/json' };
    const response = await client.request({ method, path, headers, body: JSON.stringify(body), signal });
    const text = await response.text();
    if (response.status >= 300 && response.status !== 404)
      throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
    return response.status;
  };
  return {
    get,
    async readSecret(name, signal) {
      const found = await get<{ data?: Record<string, string>; metadata: { creationTimestamp: string } }>(
        `${base}/secrets/${name}`,
        signal,
      );
      if (found === undefined) return undefined;
      const data = Object.entries(found.data ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString('utf8'),
      ]);
      return {
        data: Object.fromEntries(data) as Record<string, string>,
        createdAtMs: Date.parse(found.metadata.creationTimestamp),
      };
    },
    readConfigMap: async (name, signal) =>
      (await get<{ data?: Record<string, string> }>(`${base}/configmaps/${name}`, signal))?.data,
    async patchConfigMap(name, data, signal) {
      const path = `${base}/configmaps/${name}`;
      if ((await send('PATCH', path, 'application/merge-patch+json', { data }, signal)) !== 404) return;
      const present = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
      const object = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'kube-system' },
        data: present,
      };
      await send('POST', `${base}/configmaps`, 'application/json', object, signal);
    },
  };
}
