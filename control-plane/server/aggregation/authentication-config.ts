// kube-system/extension-apiserver-authentication: how aggregated servers learn whose certificates to believe, and in
// which headers the front proxy names the caller.
import { configMaps } from '../../../api/kinds/core/index.ts';
import { isStoreError } from '../../store/errors.ts';
import { createUnlessThere } from '../bootstrap/create-unless-there.ts';
import type { ServerParts } from '../parts.ts';
import { storageKey } from '../registry/reader.ts';
import type { ResourceDefinition } from '../served/definition.ts';

const namespace = 'kube-system';
const name = 'extension-apiserver-authentication';

/** Creates the ConfigMap, or brings it to these authorities. */
export async function publishAuthentication(
  parts: ServerParts,
  { clientCa, frontProxyCa }: { readonly clientCa: string; readonly frontProxyCa: string },
): Promise<void> {
  const data = {
    'client-ca-file': clientCa,
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-client-ca-file': frontProxyCa,
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  };
  const definition = configMaps as ResourceDefinition;
  const stored =
    (await parts.store.get(storageKey(definition, namespace, name), { consistency: 'cache' })) ??
    (await createUnlessThere(parts, definition, namespace, name, { metadata: {}, data }));
  if (stored === undefined) return;
  const object = stored.parse() as unknown as { data?: Record<string, string> };
  if (JSON.stringify({ ...object.data, ...data }) === JSON.stringify(object.data)) return;
  const next = { ...stored.parse(), data: { ...object.data, ...data } };
  await parts.store.update(stored.key, next, stored.revision).catch((error: unknown) => {
    if (!isStoreError(error, 'Conflict')) throw error;
  });
}
