// Path segments that name things must be able to: what no stored object can be called is refused before the store sees it.
import { badRequest } from '../../../api/meta/status.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import type { ResourceRequestInfo } from './request-info.ts';

const longest = 253;

/** Refuses namespaces and names that are too long or could not be a key. */
export function checkNameSegments(definition: ResourceDefinition, info: ResourceRequestInfo): void {
  if (info.name.length > longest || info.namespace.length > longest)
    throw badRequest(`a name may not be longer than ${longest} characters`);
  if (/[\s%\0]/.test(info.name) || /[\s%\0]/.test(info.namespace))
    throw badRequest('a name may not hold spaces or percent signs');
  if (!definition.namespaced && info.namespace !== '' && definition.plural !== 'namespaces') {
    throw badRequest(`${definition.plural} are not in namespaces`);
  }
  if (definition.namespaced && info.namespace === '' && info.name !== '')
    throw badRequest('an object of this kind is named in a namespace');
}
