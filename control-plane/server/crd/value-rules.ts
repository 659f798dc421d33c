// The value constraints of a CRD's schema, compiled to functions: bounds, lengths, patterns, enums, formats, and the
// logical words. Each answers sentences as upstream words them.
import { isIPv4, isIPv6 } from 'node:net';
import { createMatcher } from '../../../machinery/cel/index.ts';
import { stableJson } from '../registry/metadata.ts';
import type { JSONSchemaProps as JsonSchema } from '../../../api/kinds/apiextensions/json-schema-props.ts';

/** Says what is wrong with a value; nothing when all is well. */
export type ValueRule = (value: unknown, path: string) => readonly Fault[];

/** One fault of one field. */
export interface Fault {
  readonly path: string;
  readonly reason:
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueRequired'
    | 'FieldValueTypeInvalid'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany';
  readonly message: string;
}

const none: readonly Fault[] = [];

function invalidValue(path: string, value: unknown, sentence: string): readonly Fault[] {
  return [
    {
      path,
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(value)}: ${path} in body ${sentence}`,
    },
  ];
}

/** Compiles the constraints of one schema node, without its children. */
export function compileValueRules(schema: JsonSchema): ValueRule[] {
  return [
    ...enumRules(schema),
    ...numberRules(schema),
    ...textRules(schema),
    ...sizeRules(schema),
    ...logicRules(schema),
  ];
}

function enumRules({ enum: values, nullable }: JsonSchema): ValueRule[] {
  if (values === undefined || values.length === 0) return [];
  const allowed = new Set(values.map(stableJson));
  const shown = values.map((value) => JSON.stringify(value)).join(', ');
  return [
    (value, path) =>
      allowed.has(stableJson(value)) || (value === null && nullable === true)
        ? none
        : [
            {
              path,
              reason: 'FieldValueNotSupported',
              message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${shown}`,
            },
          ],
  ];
}

function numberRules(schema: JsonSchema): ValueRule[] {
  const { maximum, exclusiveMaximum, minimum, exclusiveMinimum, multipleOf } = schema;
  const rules: ValueRule[] = [];
  const check = (isWrong: (value: number) => boolean, sentence: string): void => {
    rules.push((value, path) =>
      typeof value === 'number' && isWrong(value) ? invalidValue(path, value, sentence) : none,
    );
  };
  if (maximum !== undefined) {
    if (exclusiveMaximum === true) check((value) => value >= maximum, `should be less than ${maximum}`);
    else check((value) => value > maximum, `should be less than or equal to ${maximum}`);
  }
  if (minimum !== undefined) {
    if (exclusiveMinimum === true) check((value) => value <= minimum, `should be greater than ${minimum}`);
    else check((value) => value < minimum, `should be greater than or equal to ${minimum}`);
  }
  if (multipleOf !== undefined && multipleOf > 0)
    check((value) => !Number.isInteger(value / multipleOf), `should be a multiple of ${multipleOf}`);
  return rules;
}

function textRules(schema: JsonSchema): ValueRule[] {
  const { maxLength, minLength, pattern, format } = schema;
  const rules: ValueRule[] = [];
  const check = (isWrong: (value: string) => boolean, sentence: string): void => {
    rules.push((value, path) =>
      typeof value === 'string' && isWrong(value) ? invalidValue(path, value, sentence) : none,
    );
  };
  const lengthOf = (text: string): number => [...text].length;
  if (maxLength !== undefined)
    check(
      (value) => value.length > maxLength && lengthOf(value) > maxLength,
      `should be at most ${maxLength} chars long`,
    );
  if (minLength !== undefined)
    check((value) => lengthOf(value) < minLength, `should be at least ${minLength} chars long`);
  const expression = pattern === undefined ? undefined : compilePattern(pattern);
  if (expression !== undefined) check((value) => !expression(value), `should match '${pattern}'`);
  const isFormatted = format === undefined ? undefined : formats[format];
  if (isFormatted !== undefined) check((value) => !isFormatted(value), `must be of type ${format}: ${format} expected`);
  return rules;
}

/** Matches as Go's RE2 does, in linear time; undefined for what is no pattern (stored before patterns were checked). */
function compilePattern(pattern: string): ((value: string) => boolean) | undefined {
  try {
    return createMatcher(pattern);
  } catch {
    return undefined;
  }
}

const formats: Readonly<Record<string, (value: string) => boolean>> = {
  'date-time': (value) =>
    /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
  date: (value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)),
  duration: (value) =>
    /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w))*$|^0$/.test(value),
  email: (value) => /^[^\s@]+@[^\s@]+$/.test(value),
  hostname: (value) =>
    value.length <= 255 &&
    /^([A-Za-z0-9_]([A-Za-z0-9_-]{0,62}[A-Za-z0-9_])?)(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}[A-Za-z0-9_])?)*$/.test(value),
  ipv4: (value) => isIPv4(value),
  ipv6: (value) => isIPv6(value),
  cidr: (value) => isCidr(value),
  uuid: (value) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value),
  byte: (value) => /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0,
  uri: (value) => URL.canParse(value),
};

function isCidr(value: string): boolean {
  const [address = '', length = ''] = value.split('/');
  return (
    /^\d{1,3}$/.test(length) &&
    ((isIPv4(address) && Number(length) <= 32) || (isIPv6(address) && Number(length) <= 128))
  );
}

function sizeRules({ maxItems, minItems, uniqueItems, maxProperties, minProperties }: JsonSchema): ValueRule[] {
  const rules: ValueRule[] = [];
  const check = (
    size: (value: unknown) => number | undefined,
    isWrong: (size: number) => boolean,
    sentence: string,
  ): void => {
    rules.push((value, path) => {
      const found = size(value);
      return found !== undefined && isWrong(found) ? invalidValue(path, found, sentence) : none;
    });
  };
  const items = (value: unknown): number | undefined => (Array.isArray(value) ? value.length : undefined);
  const keys = (value: unknown): number | undefined =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value).length : undefined;
  if (maxItems !== undefined) check(items, (size) => size > maxItems, `should have at most ${maxItems} items`);
  if (minItems !== undefined) check(items, (size) => size < minItems, `should have at least ${minItems} items`);
  if (maxProperties !== undefined)
    check(keys, (size) => size > maxProperties, `should have at most ${maxProperties} properties`);
  if (minProperties !== undefined)
    check(keys, (size) => size < minProperties, `should have at least ${minProperties} properties`);
  if (uniqueItems === true) {
    rules.push((value, path) =>
      Array.isArray(value) && new Set(value.map(stableJson)).size < value.length
        ? invalidValue(path, value, `shouldn't contain duplicates`)
        : none,
    );
  }
  return rules;
}

function logicRules({ allOf, anyOf, oneOf, not }: JsonSchema): ValueRule[] {
  const rules: ValueRule[] = [];
  const all = (allOf ?? []).map(compileBranch);
  const any = (anyOf ?? []).map(compileBranch);
  const one = (oneOf ?? []).map(compileBranch);
  const never = not === undefined ? undefined : compileBranch(not);
  const holds = (branch: ValueRule, value: unknown, path: string): boolean => branch(value, path).length === 0;
  if (all.length > 0) rules.push((value, path) => all.flatMap((branch) => branch(value, path)));
  if (any.length > 0)
    rules.push((value, path) =>
      any.some((branch) => holds(branch, value, path))
        ? none
        : invalidValue(path, value, 'must validate at least one schema (anyOf)'),
    );
  if (one.length > 0)
    rules.push((value, path) =>
      one.filter((branch) => holds(branch, value, path)).length === 1
        ? none
        : invalidValue(path, value, 'must validate one and only one schema (oneOf)'),
    );
  if (never !== undefined)
    rules.push((value, path) =>
      holds(never, value, path) ? invalidValue(path, value, 'must not validate the schema (not)') : none,
    );
  return rules;
}

/** A schema inside a logical word: it judges values only, and structure as far as it names it. */
function compileBranch(schema: JsonSchema): ValueRule {
  const own = compileValueRules(schema);
  const properties = Object.entries(schema.properties ?? {}).map(
    ([name, property]) => [name, compileBranch(property)] as const,
  );
  const items =
    schema.items === undefined || Array.isArray(schema.items) ? undefined : compileBranch(schema.items as JsonSchema);
  const { required = [], type } = schema;
  return (value, path) => {
    const faults: Fault[] = own.flatMap((rule) => rule(value, path));
    if (type !== undefined && !isOfType(type, value))
      faults.push({
        path,
        reason: 'FieldValueTypeInvalid',
        message: `Invalid value: ${path} in body must be of type ${type}`,
      });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const object = value as Record<string, unknown>;
      for (const name of required)
        if (object[name] === undefined)
          faults.push({ path: `${path}.${name}`, reason: 'FieldValueRequired', message: 'Required value' });
      for (const [name, rule] of properties)
        if (object[name] !== undefined) faults.push(...rule(object[name], `${path}.${name}`));
    } else if (Array.isArray(value) && items !== undefined)
      value.forEach((item, index) => faults.push(...items(item, `${path}[${index}]`)));
    return faults;
  };
}

/** Whether a JSON value is of the named JSON Schema type. */
export function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isSafeInteger(value);
    default:
      return typeof value === type;
  }
}
