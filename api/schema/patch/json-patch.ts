// JSON Patch (RFC 6902): all operations or none. Indexes are strict: no operation reaches beyond its list.
import { applyPatch, Pointer, type Operation } from 'rfc6902';
import { cloneJson } from '../json-value.ts';
import { inapplicablePatch, malformedPatch } from './patch-error.ts';

/** The most operations that one patch may have, as upstream limits it. */
const maxOperations = 10_000;

const operations = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** Applies a JSON Patch to a copy of the object; throws an ApiError when it is malformed or does not fit. */
export function applyJsonPatch<T>(object: T, patch: unknown): T {
  if (!Array.isArray(patch)) throw malformedPatch('a JSON patch is a list of operations');
  if (patch.length > maxOperations) {
    throw malformedPatch(`the allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`);
  }
  const steps = patch.map(readOperation);
  const holder = { object: cloneJson(object) };
  for (const step of steps) applyOperation(holder, step);
  return holder.object;
}

function readOperation(step: unknown, index: number): Operation {
  if (typeof step !== 'object' || step === null) throw malformedPatch(`operation ${index} is not an object`);
  const { op, path, from } = step as Record<string, unknown>;
  if (typeof op !== 'string' || !operations.has(op))
    throw malformedPatch(`operation ${index}: unexpected op ${String(op)}`);
  if (!isPointer(path)) throw malformedPatch(`operation ${index}: path is no JSON pointer`);
  if ((op === 'move' || op === 'copy') && !isPointer(from)) {
    throw malformedPatch(`operation ${index}: from is no JSON pointer`);
  }
  if (['add', 'replace', 'test'].includes(op) && !('value' in step)) {
    throw malformedPatch(`operation ${index}: ${op} needs a value`);
  }
  return step as Operation;
}

function isPointer(text: unknown): boolean {
  return typeof text === 'string' && /^(?:\/(?:[^~/]|~[01])*)*$/.test(text);
}

function applyOperation(holder: { object: unknown }, operation: Operation): void {
  if ('from' in operation) demandTarget(holder.object, operation.from, operation.op, false);
  if (
    operation.op === 'move' &&
    `${operation.path}/`.startsWith(`${operation.from}/`) &&
    operation.path !== operation.from
  ) {
    throw inapplicablePatch(`move: ${operation.from} cannot move into itself`);
  }
  // A move frees an index of its list first, so only the library can judge its target.
  if (operation.op !== 'move')
    demandTarget(
      holder.object,
      operation.path,
      operation.op,
      operation.op !== 'remove' && operation.op !== 'replace' && operation.op !== 'test',
    );
  if (operation.path === '' && (operation.op === 'add' || operation.op === 'replace')) {
    holder.object = cloneJson(operation.value);
    return;
  }
  const [failure] = applyPatch(holder.object, [cloneJson(operation)]);
  if (failure) throw inapplicablePatch(`${operation.op} ${operation.path}: ${failure.message}`);
}

function demandTarget(object: unknown, path: string, op: string, mayBeNew: boolean): void {
  if (path === '') return;
  const { parent, key, value } = Pointer.fromJSON(path).evaluate(object) as {
    parent: unknown;
    key: string;
    value: unknown;
  };
  if (typeof parent !== 'object' || parent === null) throw inapplicablePatch(`${op}: no such path: ${path}`);
  if (Array.isArray(parent)) {
    const limit = mayBeNew ? parent.length : parent.length - 1;
    const fits = (mayBeNew && key === '-') || (/^(0|[1-9]\d*)$/.test(key) && Number(key) <= limit);
    if (!fits) throw inapplicablePatch(`${op}: invalid index: ${path}`);
  } else if (!mayBeNew && value === undefined && op !== 'test') {
    throw inapplicablePatch(`${op}: no such path: ${path}`);
  }
}
