// Rules of nodes: taints, pod ranges, and what an update may not change.
import { cidrFamily } from '../../../meta/ip.ts';
import { checkLabelValue, checkQualifiedName } from '../../../meta/names.ts';
import { duplicate, forbiddenField, invalidValue, type FieldError } from '../../../schema/field-error.ts';
import { sameJson } from '../../../schema/json-value.ts';
import type { Node, Taint } from '../node.ts';
import { checkAmount, invalidFor } from './checks.ts';

/** Checks a node. */
export function validateNode({ spec, status }: Node): FieldError[] {
  const amounts = Object.entries({ capacity: status?.capacity, allocatable: status?.allocatable });
  return [
    ...validateTaints(spec.taints ?? [], 'spec.taints'),
    ...(spec.podCIDRs ?? []).flatMap((range, index) => checkRange(`spec.podCIDRs[${index}]`, range)),
    ...amounts.flatMap(([field, values]) =>
      Object.entries(values ?? {}).flatMap(([name, value]) => checkAmount(`status.${field}[${name}]`, value)),
    ),
  ];
}

function checkRange(path: string, range: string): FieldError[] {
  if (cidrFamily(range) !== undefined) return [];
  return [invalidValue(path, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}

function validateTaints(taints: readonly Taint[], path: string): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap(({ effect, key, value = '' }, index) => {
    const at = `${path}[${index}]`;
    const errors = key ? invalidFor(`${at}.key`, key, checkQualifiedName(key)) : [];
    errors.push(...invalidFor(`${at}.value`, value, checkLabelValue(value)));
    if (seen.has(`${key}:${effect}`)) {
      errors.push({
        ...duplicate(at, { key, effect }),
        message: 'Duplicate value: taints must be unique by key and effect pair',
      });
    }
    seen.add(`${key}:${effect}`);
    return errors;
  });
}

/** Checks an update: the pod ranges and the provider's id are given once. */
export function validateNodeUpdate(next: Node, previous: Node): FieldError[] {
  const errors: FieldError[] = [];
  const had = previous.spec.podCIDRs ?? (previous.spec.podCIDR ? [previous.spec.podCIDR] : []);
  const has = next.spec.podCIDRs ?? (next.spec.podCIDR ? [next.spec.podCIDR] : []);
  if (had.length > 0 && !sameJson(had, has)) {
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (previous.spec.providerID && next.spec.providerID !== previous.spec.providerID) {
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  return errors;
}
