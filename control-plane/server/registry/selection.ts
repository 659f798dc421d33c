// Which objects a list, watch or deletecollection means: label and field selectors, and what the indexes can answer.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import {
  matchesFieldSelector,
  matchesSelector,
  parseFieldSelector,
  parseLabelSelector,
} from '../../../api/meta/selectors.ts';
import { badRequest } from '../../../api/meta/status.ts';
import type { ResourceDefinition } from '../served/definition.ts';

/** A parsed selection. */
export interface Selection {
  /** No selector at all: every object of the namespace. */
  readonly isEverything: boolean;
  /** The one object that `metadata.name=x` names. */
  readonly name: string | undefined;
  /** The node whose pods are meant: the store has an index for it. */
  readonly nodeName: string | undefined;
  matches(object: Readonly<KubernetesObject>): boolean;
}

const everything: Selection = { isEverything: true, name: undefined, nodeName: undefined, matches: () => true };

/** Reads `labelSelector` and `fieldSelector`; 400 for one that does not parse or names a field that cannot be selected. */
export function parseSelection(definition: ResourceDefinition, query: URLSearchParams): Selection {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  if (labelText === '' && fieldText === '') return everything;
  const labels = labelText === '' ? undefined : parsed('label', labelText, parseLabelSelector);
  const fields = fieldText === '' ? undefined : parsed('field', fieldText, parseFieldSelector);
  const exact = (name: string): string | undefined =>
    fields?.find((term) => term.field === name && term.operator === '=')?.value;
  if (fields !== undefined)
    checkFields(
      definition,
      fields.map((term) => term.field),
    );
  return {
    isEverything: false,
    name: exact('metadata.name'),
    nodeName: definition.group === '' && definition.plural === 'pods' ? exact('spec.nodeName') || undefined : undefined,
    matches(object) {
      if (labels !== undefined && !matchesSelector(labels, object.metadata.labels ?? {})) return false;
      return fields === undefined || matchesFieldSelector(fields, definition.selectableFields(object));
    },
  };
}

function parsed<T>(what: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (cause) {
    throw badRequest(`unable to parse the ${what} selector ${JSON.stringify(text)}: ${(cause as Error).message}`);
  }
}

/** An object with nothing in it: what its fields are called can be asked of it all the same. */
function checkFields(definition: ResourceDefinition, names: readonly string[]): void {
  const metadata = {
    name: '',
    namespace: definition.namespaced ? '-' : undefined,
    uid: '',
    resourceVersion: '',
    creationTimestamp: '',
  };
  const blank = {
    apiVersion: '',
    kind: definition.kind,
    metadata,
    spec: {},
    status: {},
    involvedObject: {},
    source: {},
    regarding: {},
  };
  const known = definition.selectableFields(blank);
  const unknown = names.find((name) => !(name in known));
  if (unknown !== undefined) throw badRequest(`field label not supported: ${unknown}`);
}
