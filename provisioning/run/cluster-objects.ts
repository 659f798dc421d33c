// Single objects of the cluster's API as day-two commands keep them: read, written whole, deleted.
import type { RestClient } from '../../machinery/rest-client.ts';

/** The object at `path`; undefined when there is none. */
export async function readObject<T>(client: RestClient, path: string, signal?: AbortSignal): Promise<T | undefined> {
  const response = await client.request({ method: 'GET', path, signal });
  const body = await response.text();
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw refused('GET', path, response.status, body);
  return JSON.parse(body) as T;
}

/** Creates the object in its collection, or replaces the one of its name. */
export async function writeObject(
  client: RestClient,
  collection: string,
  object: { readonly metadata: { readonly name: string } },
  signal?: AbortSignal,
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(object);
  const created = await client.request({ method: 'POST', path: collection, headers, body, signal });
  const answer = await created.text();
  if (created.status < 300) return;
  if (created.status !== 409) throw refused('POST', collection, created.status, answer);
  const path = `${collection}/${object.metadata.name}`;
  const replaced = await client.request({ method: 'PUT', path, headers, body, signal });
  const text = await replaced.text();
  if (replaced.status >= 300) throw refused('PUT', path, replaced.status, text);
}

/** Deletes the object; finds nothing to do when it is gone. */
export async function deleteObject(client: RestClient, path: string, signal?: AbortSignal): Promise<void> {
  const response = await client.request({ method: 'DELETE', path, signal });
  const body = await response.text();
  if (response.status >= 300 && response.status !== 404) throw refused('DELETE', path, response.status, body);
}

function refused(method: string, path: string, status: number, body: string): Error {
  return new Error(`${method} ${path}: ${status} ${body.slice(0, 200)}`);
}
