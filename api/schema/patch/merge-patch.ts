// JSON merge patch (RFC 7396).
import { malformedPatch } from './patch-error.ts';
import { isRecord, type JsonObject } from '../json-value.ts';

/** Applies a merge patch; throws an ApiError when the patch is not an object. */
export function applyMergePatch<T>(object: T, patch: unknown): T {
  if (!isRecord(patch)) throw malformedPatch('a merge patch is an object');
  return merged(object, patch) as T;
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: JsonObject = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else define(result, key, merged(result[key], value));
  }
  return result;
}

/** Sets a key whatever its name: assigning to `__proto__` would change the prototype instead. */
function define(object: JsonObject, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
