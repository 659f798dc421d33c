// A structural schema in what OpenAPI 2 can say and kubectl can read: without logical words and without types where
// null or unknown fields are allowed. Upstream publishes the same.

type Json = Record<string, unknown>;

/** The schema for /openapi/v2; the argument stays as it is. */
export function toOpenApi2(schema: Json): Json {
  const { allOf: _all, anyOf: _any, oneOf: _one, not: _not, nullable, ...rest } = schema;
  const out: Json = { ...rest };
  const isOpen = out['x-kubernetes-preserve-unknown-fields'] === true;
  if (nullable === true) {
    for (const key of ['type', 'items', 'properties']) delete out[key];
  }
  if (isOpen) {
    for (const key of ['items', 'properties']) delete out[key];
    if (out['type'] === 'object') delete out['type'];
  }
  if (out['type'] === 'array' && out['items'] === undefined) delete out['type'];
  withoutNullable(out);
  if (isJson(out['properties'])) {
    out['properties'] = Object.fromEntries(
      Object.entries(out['properties']).map(([name, property]) => [
        name,
        isJson(property) ? toOpenApi2(property) : property,
      ]),
    );
  }
  for (const key of ['items', 'additionalProperties']) {
    const child = out[key];
    if (isJson(child)) out[key] = toOpenApi2(child);
  }
  return out;
}

/** What may be null is not required, as null is no value to kubectl. */
function withoutNullable(out: Json): void {
  const { required, properties, additionalProperties } = out;
  if (!Array.isArray(required)) return;
  const kept = required.filter((name) => {
    const property = isJson(properties) ? properties[String(name)] : undefined;
    return !(isJson(property) && property['nullable'] === true);
  });
  if (kept.length === 0 || (isJson(additionalProperties) && additionalProperties['nullable'] === true))
    delete out['required'];
  else out['required'] = kept;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
