// OpenAPI v2 as protobuf: the message openapi.v2.Document, which client-go (and with it Helm and many operators) asks for.
// Field numbers are the public ones of gnostic's OpenAPIv2.proto. What JSON keeps as free values (defaults, enums,
// extensions) travels as YAML text, which JSON is.
import { WireWriter } from '../../../api/schema/protobuf/wire.ts';

/** The media types by which clients ask for it: the registered one, and the one that older clients spell. */
export const openApiProtobufTypes: readonly string[] = [
  'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
];

type Kind = (writer: WireWriter, field: number, value: unknown) => void;

const sub = (write: (writer: WireWriter) => void): Uint8Array => {
  const writer = new WireWriter();
  write(writer);
  return writer.finish();
};

const string: Kind = (writer, field, value) => writer.string(field, String(value));
const bool: Kind = (writer, field, value) => {
  if (value === true) writer.varint(field, 1);
};
const int: Kind = (writer, field, value) => writer.varint(field, Number(value));
const double: Kind = (writer, field, value) => writer.double(field, Number(value));
const any: Kind = (writer, field, value) =>
  writer.bytes(
    field,
    sub((inner) => inner.string(2, JSON.stringify(value))),
  );

const list =
  (kind: Kind): Kind =>
  (writer, field, value) => {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) kind(writer, field, one);
  };

/** A message that only holds another value. */
const wrapped =
  (kind: Kind, at = 1): Kind =>
  (writer, field, value) =>
    writer.bytes(
      field,
      sub((inner) => kind(inner, at, value)),
    );

/** A JSON object as repeated pairs of name and value. */
const pairs =
  (kind: Kind, only: (name: string) => boolean = () => true): Kind =>
  (writer, field, value) => {
    for (const [name, one] of Object.entries(value as object)) {
      if (!only(name)) continue;
      const pair = sub((inner) => {
        inner.string(1, name);
        kind(inner, 2, one);
      });
      writer.bytes(field, pair);
    }
  };

const isExtension = (name: string): boolean => name.startsWith('x-');

/** A message by its fields; `extensions` is where its `x-…` go. */
function message(fields: Readonly<Record<string, readonly [field: number, kind: Kind]>>, extensions?: number): Kind {
  const body = (writer: WireWriter, value: object): void => {
    for (const [name, one] of Object.entries(value)) {
      const known = fields[name];
      if (known !== undefined && one !== undefined) known[1](writer, known[0], one);
    }
    if (extensions !== undefined) pairs(any, isExtension)(writer, extensions, value);
  };
  return (writer, field, value) =>
    writer.bytes(
      field,
      sub((inner) => body(inner, value as object)),
    );
}

const strings = list(string);
const reference = message({ $ref: [1, string], description: [2, string] });
const contact = message({ name: [1, string], url: [2, string], email: [3, string] }, 4);
const license = message({ name: [1, string], url: [2, string] }, 3);
const docs = message({ description: [1, string], url: [2, string] }, 3);
const info = message(
  {
    title: [1, string],
    version: [2, string],
    description: [3, string],
    termsOfService: [4, string],
    contact: [5, contact],
    license: [6, license],
  },
  7,
);

const schema: Kind = (writer, field, value) => schemaMessage(writer, field, value);
const additional: Kind = (writer, field, value) =>
  typeof value === 'boolean'
    ? writer.bytes(
        field,
        sub((inner) => inner.varint(2, value ? 1 : 0)),
      )
    : wrapped(schema)(writer, field, value);
const schemaMessage = message(
  {
    $ref: [1, string],
    format: [2, string],
    title: [3, string],
    description: [4, string],
    default: [5, any],
    multipleOf: [6, double],
    maximum: [7, double],
    exclusiveMaximum: [8, bool],
    minimum: [9, double],
    exclusiveMinimum: [10, bool],
    maxLength: [11, int],
    minLength: [12, int],
    pattern: [13, string],
    maxItems: [14, int],
    minItems: [15, int],
    uniqueItems: [16, bool],
    maxProperties: [17, int],
    minProperties: [18, int],
    required: [19, strings],
    enum: [20, list(any)],
    additionalProperties: [21, additional],
    type: [22, wrapped(strings)],
    items: [23, wrapped(list(schema))],
    allOf: [24, list(schema)],
    properties: [25, wrapped(pairs(schema))],
    discriminator: [26, string],
    readOnly: [27, bool],
    externalDocs: [29, docs],
    example: [30, any],
  },
  31,
);

/** Parameters that are not bodies; those of queries and forms have `allowEmptyValue`, which shifts what follows. */
function parameterOf(hasEmpty: boolean): Kind {
  const at = (field: number): number => (hasEmpty ? field + 1 : field);
  return message(
    {
      required: [1, bool],
      in: [2, string],
      description: [3, string],
      name: [4, string],
      ...(hasEmpty ? { allowEmptyValue: [5, bool] as const } : {}),
      type: [at(5), string],
      format: [at(6), string],
      collectionFormat: [at(8), string],
      default: [at(9), any],
      maximum: [at(10), double],
      minimum: [at(12), double],
      maxLength: [at(14), int],
      minLength: [at(15), int],
      pattern: [at(16), string],
      uniqueItems: [at(19), bool],
      enum: [at(20), list(any)],
    },
    at(22),
  );
}

const body = message(
  { description: [1, string], name: [2, string], in: [3, string], required: [4, bool], schema: [5, schema] },
  6,
);
const places: Readonly<Record<string, readonly [number, Kind]>> = {
  header: [1, parameterOf(false)],
  formData: [2, parameterOf(true)],
  query: [3, parameterOf(true)],
  path: [4, parameterOf(false)],
};
const parameter: Kind = (writer, field, value) => {
  const { in: place = '' } = value as { in?: string };
  const [at, kind] = places[place] ?? [0, body];
  const inner = place === 'body' ? wrapped(body, 1) : wrapped(wrapped(kind, at), 2);
  inner(writer, field, value);
};
const parameterItem: Kind = (writer, field, value) =>
  wrapped('$ref' in (value as object) ? reference : parameter, '$ref' in (value as object) ? 2 : 1)(
    writer,
    field,
    value,
  );

const response = message({ description: [1, string], schema: [2, wrapped(schema)] }, 5);
const responses: Kind = (writer, field, value) =>
  writer.bytes(
    field,
    sub((inner) => {
      pairs(wrapped(response), (name) => !isExtension(name))(inner, 1, value);
      pairs(any, isExtension)(inner, 2, value);
    }),
  );
const requirement = wrapped(pairs(wrapped(strings)));
const operation = message(
  {
    tags: [1, strings],
    summary: [2, string],
    description: [3, string],
    externalDocs: [4, docs],
    operationId: [5, string],
    produces: [6, strings],
    consumes: [7, strings],
    parameters: [8, list(parameterItem)],
    responses: [9, responses],
    schemes: [10, strings],
    deprecated: [11, bool],
    security: [12, list(requirement)],
  },
  13,
);
const pathItem = message(
  {
    $ref: [1, string],
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    options: [6, operation],
    head: [7, operation],
    patch: [8, operation],
    parameters: [9, list(parameterItem)],
  },
  10,
);
const apiKey = message({ type: [1, string], name: [2, string], in: [3, string], description: [4, string] }, 5);
const paths: Kind = (writer, field, value) =>
  writer.bytes(
    field,
    sub((inner) => pairs(pathItem, (name) => name.startsWith('/'))(inner, 2, value)),
  );

const documentMessage = message(
  {
    swagger: [1, string],
    info: [2, info],
    host: [3, string],
    basePath: [4, string],
    schemes: [5, strings],
    consumes: [6, strings],
    produces: [7, strings],
    paths: [8, paths],
    definitions: [9, wrapped(pairs(schema))],
    parameters: [10, wrapped(pairs(parameter))],
    security: [12, list(requirement)],
    securityDefinitions: [13, wrapped(pairs(wrapped(apiKey, 2)))],
    externalDocs: [15, docs],
  },
  16,
);

/** The bytes of a Swagger document as an openapi.v2.Document. */
export function encodeOpenApiV2(document: object): Buffer {
  const outer = sub((writer) => documentMessage(writer, 1, document));
  // The document itself is the message: without the tag and length that a field of another would have.
  let at = 1;
  while ((outer[at] ?? 0) > 0x7f) at++;
  return Buffer.from(outer.subarray(at + 1));
}
