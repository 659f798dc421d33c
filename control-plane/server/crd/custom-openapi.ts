// Puts the schemas that CRD authors wrote into the OpenAPI documents of their group versions.
import type { ResourceDefinition } from '../served/definition.ts';
import { customRulesOf } from './custom-definition.ts';
import { toOpenApi2 } from './openapi-v2.ts';

type Json = Record<string, unknown>;

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const strategic = 'application/strategic-merge-patch+json';

interface Operation {
  readonly consumes?: string[];
  readonly requestBody?: { readonly content?: Json };
}

/** Custom kinds take no strategic merge patches: kubectl reads here which kinds do. */
function withdrawStrategicPatch(
  paths: Record<string, { readonly patch?: Operation }>,
  { group, version, plural }: ResourceDefinition,
): void {
  const root = `/apis/${group}/${version}/`;
  for (const [path, { patch }] of Object.entries(paths)) {
    if (patch === undefined || !path.startsWith(root) || !path.split('/').includes(plural)) continue;
    if (patch.requestBody?.content !== undefined) delete patch.requestBody.content[strategic];
    patch.consumes?.splice(0, Infinity, ...patch.consumes.filter((type) => type !== strategic));
  }
}

/** What the fields that every kind has mean. */
const words: Readonly<Record<string, string>> = {
  apiVersion: 'APIVersion defines the version of the API that this object is written for, e.g. apps/v1.',
  kind: 'What this object is, e.g. Deployment.',
  metadata: "Standard object's metadata: its name, namespace, labels and more.",
};

function described(field: string, schema: Json): Json {
  return { ...schema, description: words[field] };
}

/** Fills the schemas of custom kinds into a document, in place. */
export function fillCustomSchemas(document: object, definitions: readonly ResourceDefinition[], dialect: 2 | 3): void {
  const whole = document as {
    paths?: Record<string, { patch?: Operation }>;
    definitions?: Json;
    components?: { schemas?: Json };
  };
  const schemas = dialect === 3 ? whole.components?.schemas : whole.definitions;
  if (schemas === undefined) return;
  const pointer = dialect === 3 ? '#/components/schemas/' : '#/definitions/';
  for (const definition of definitions) {
    const custom = customRulesOf(definition);
    if (custom === undefined || schemas[definition.schema.name] === undefined) continue;
    withdrawStrategicPatch(whole.paths ?? {}, definition);
    const { group, version, kind } = definition;
    const { selectable } = custom;
    const gvk = {
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
      ...(selectable.length === 0
        ? {}
        : { 'x-kubernetes-selectable-fields': selectable.map((fieldPath) => ({ fieldPath })) }),
    };
    const declared = custom.openApi as Json | undefined;
    const preserves = declared?.['x-kubernetes-preserve-unknown-fields'] === true;
    // A schema with any properties tells kubectl that there are no others: what is open stays without.
    if (declared === undefined || (dialect === 2 && preserves)) {
      schemas[definition.schema.name] = { type: 'object', ...gvk };
      continue;
    }
    const metadata = { $ref: `${pointer}${objectMeta}` };
    const schema = dialect === 2 ? toOpenApi2(declared) : declared;
    schemas[definition.schema.name] = {
      ...schema,
      type: 'object',
      properties: {
        ...(schema['properties'] as Json | undefined),
        apiVersion: described('apiVersion', { type: 'string' }),
        kind: described('kind', { type: 'string' }),
        metadata: described('metadata', dialect === 3 ? { allOf: [metadata], default: {} } : metadata),
      },
      ...gvk,
    };
  }
}
