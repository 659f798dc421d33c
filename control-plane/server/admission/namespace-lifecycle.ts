// Nothing is created in a namespace that does not exist or is ending; the first namespaces cannot be deleted.
import { namespaces, type Namespace } from '../../../api/kinds/core/index.ts';
import { failure, forbidden, notFound } from '../../../api/meta/status.ts';
import type { Reader } from '../registry/reader.ts';
import type { AdmissionPlugin } from './admission.ts';

const immortal = new Set(['default', 'kube-system', 'kube-public']);

/** The NamespaceLifecycle plugin. */
export function createNamespaceLifecycle(reader: Reader): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    concerns: ({ operation, definition }) =>
      operation === 'CREATE' || (operation === 'DELETE' && isNamespaces(definition)),
    async mutate({ operation, definition, namespace, name, object }) {
      if (isNamespaces(definition)) {
        if (operation === 'DELETE' && immortal.has(name))
          throw forbidden(definition, name, 'this namespace may not be deleted');
        if (operation === 'CREATE' && object?.metadata.name)
          object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
        return;
      }
      if (!definition.namespaced || operation !== 'CREATE') return;
      const cached = await reader.get<Namespace>(namespaces, '', namespace);
      const found = cached ?? (await reader.get<Namespace>(namespaces, '', namespace, 'latest'));
      if (found === undefined) throw notFound(namespaces, namespace);
      if (found.metadata.deletionTimestamp === undefined) return;
      const message = `${definition.plural} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`;
      const causes = [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ];
      throw failure('Forbidden', message, {
        name,
        kind: definition.plural,
        ...(definition.group === '' ? {} : { group: definition.group }),
        causes,
      });
    },
  };
}

function isNamespaces({ group, plural }: { readonly group: string; readonly plural: string }): boolean {
  return group === '' && plural === 'namespaces';
}
