// Rules of ConfigMaps and Secrets: keys, size, types, and immutability.
import { base64Length, encodeBase64, encodeUtf8, utf8Length } from '../../../meta/base64.ts';
import { checkConfigKey } from '../../../meta/names.ts';
import { forbiddenField, invalidValue, required, tooLong, type FieldError } from '../../../schema/field-error.ts';
import { sameJson } from '../../../schema/json-value.ts';
import { immutable } from '../../meta/object-meta-rules.ts';
import type { ConfigMap } from '../config-map.ts';
import type { Secret } from '../secret.ts';
import { invalidFor } from './checks.ts';

/** The most bytes that the values of one object may have together. */
const maxDataBytes = 1024 * 1024;

type Values = Readonly<Record<string, string>> | undefined;

function checkKeys(values: Values, field: string): FieldError[] {
  return Object.keys(values ?? {}).flatMap((key) => invalidFor(`${field}[${key}]`, key, checkConfigKey(key)));
}

function total(values: Values, length: (value: string) => number): number {
  return Object.values(values ?? {}).reduce((sum, value) => sum + length(value), 0);
}

/** Checks a ConfigMap. */
export function validateConfigMap({ data, binaryData }: ConfigMap): FieldError[] {
  const errors = [...checkKeys(data, 'data'), ...checkKeys(binaryData, 'binaryData')];
  for (const key of Object.keys(data ?? {})) {
    if (binaryData === undefined || !Object.hasOwn(binaryData, key)) continue;
    errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  if (total(data, utf8Length) + total(binaryData, base64Length) > maxDataBytes) errors.push(tooLong('', maxDataBytes));
  return errors;
}

export function validateConfigMapUpdate(next: ConfigMap, previous: ConfigMap): FieldError[] {
  return validateFrozen(next, previous, ['data', 'binaryData']);
}

/** The keys that a type of Secret demands. */
const typeKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

/** Checks a Secret. */
export function validateSecret({ data = {}, metadata, type = '' }: Secret): FieldError[] {
  const errors = checkKeys(data, 'data');
  if (total(data, base64Length) > maxDataBytes) errors.push(tooLong('data', maxDataBytes));
  for (const key of typeKeys[type] ?? []) {
    if (data[key] === undefined) errors.push(required(`data[${key}]`));
  }
  if (type === 'kubernetes.io/basic-auth' && data['username'] === undefined && data['password'] === undefined) {
    errors.push(required('data[username]'), required('data[password]'));
  }
  const account = 'kubernetes.io/service-account.name';
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.[account]) {
    errors.push(required(`metadata.annotations[${account}]`));
  }
  return errors;
}

export function validateSecretUpdate(next: Secret, previous: Secret): FieldError[] {
  return [...immutable('type', next.type, previous.type), ...validateFrozen(next, previous, ['data'])];
}

function validateFrozen<T extends { immutable?: boolean }>(
  next: T,
  previous: T,
  fields: (keyof T & string)[],
): FieldError[] {
  if (previous.immutable !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  const errors = fields
    .filter((field) => !sameJson(next[field], previous[field]))
    .map((field) => forbiddenField(field, detail));
  return next.immutable === true ? errors : [forbiddenField('immutable', detail), ...errors];
}

/** Text that a client sends for convenience becomes data; it wins over data of the same key. */
export function moveStringData(secret: Secret): void {
  if (secret.stringData === undefined) return;
  secret.data ??= {};
  for (const [key, text] of Object.entries(secret.stringData)) secret.data[key] = encodeBase64(encodeUtf8(text));
  delete secret.stringData;
}
