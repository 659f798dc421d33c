// Rules of limit ranges and resource quotas.
import { compareQuantities } from '../../../meta/quantity.ts';
import { duplicate, invalidValue, type FieldError } from '../../../schema/field-error.ts';
import { immutable } from '../../meta/object-meta-rules.ts';
import type { LimitRange, LimitRangeItem } from '../limit-range.ts';
import type { ResourceQuota } from '../resource-quota.ts';
import { checkAmount } from './checks.ts';

/** Checks limits: each minimum, default and maximum in order. */
export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return (spec.limits ?? []).flatMap((item, index) => {
    const path = `spec.limits[${index}]`;
    const repeated = seen.has(item.type) ? [duplicate(`${path}.type`, item.type)] : [];
    seen.add(item.type);
    return [...repeated, ...validateItem(item, path)];
  });
}

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const {
    default: limit = {},
    defaultRequest: request = {},
    max = {},
    maxLimitRequestRatio: ratio = {},
    min = {},
  } = item;
  const names = new Set([limit, request, max, min].flatMap((amounts) => Object.keys(amounts)));
  const errors: FieldError[] = [];
  const demandOrder = (name: string, small: [string, string?], large: [string, string?]): void => {
    const [[smallName, smallValue], [largeName, largeValue]] = [small, large];
    if (smallValue === undefined || largeValue === undefined || compareQuantities(smallValue, largeValue) <= 0) return;
    const detail = `${smallName} value ${smallValue} is greater than ${largeName} value ${largeValue}`;
    errors.push(invalidValue(`${path}.${smallName.replace(' r', 'R')}[${name}]`, smallValue, detail));
  };
  for (const name of names) {
    demandOrder(name, ['min', min[name]], ['max', max[name]]);
    demandOrder(name, ['min', min[name]], ['default request', request[name]]);
    demandOrder(name, ['default request', request[name]], ['max', max[name]]);
    demandOrder(name, ['default request', request[name]], ['default', limit[name]]);
    demandOrder(name, ['default', limit[name]], ['max', max[name]]);
  }
  for (const [name, value] of Object.entries(ratio)) {
    if (compareQuantities(value, '1') < 0) {
      errors.push(invalidValue(`${path}.maxLimitRequestRatio[${name}]`, value, `ratio ${value} is less than 1`));
    }
  }
  return errors;
}

/** Checks a quota. */
export function validateQuota({ spec }: ResourceQuota): FieldError[] {
  return Object.entries(spec.hard ?? {}).flatMap(([name, value]) => checkAmount(`spec.hard[${name}]`, value));
}

export function validateQuotaUpdate(next: ResourceQuota, previous: ResourceQuota): FieldError[] {
  return immutable('spec.scopes', [...(next.spec.scopes ?? [])].sort(), [...(previous.spec.scopes ?? [])].sort());
}
