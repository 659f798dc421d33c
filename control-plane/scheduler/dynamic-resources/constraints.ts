// Constraints across the devices of a claim: all have the same value of an attribute, or all have different ones. Each
// keeps count of what it accepted, and can take it back: the search goes back and forth.
import type { DeviceAttribute, DeviceConstraint } from '../../../api/kinds/resource/index.ts';
import type { PooledDevice } from './device-pools.ts';

export interface Constraint {
  /** Accepts a device for a request, or says no and stays as it was. */
  add(request: string, device: PooledDevice): boolean;
  remove(request: string, device: PooledDevice): void;
}

/** A constraint as the search uses it; `request` is a request's name, or `request/alternative`. */
export function createConstraint(constraint: Readonly<DeviceConstraint>): Constraint {
  const requests = new Set(constraint.requests ?? []);
  const attribute = constraint.matchAttribute ?? constraint.distinctAttribute ?? '';
  const isDistinct = !constraint.matchAttribute && !!constraint.distinctAttribute;
  const values = new Map<string, number>();
  const concerns = (request: string): boolean =>
    requests.size === 0 || requests.has(request) || requests.has(request.split('/')[0] ?? '');
  return {
    add(request, device) {
      if (!concerns(request)) return true;
      const value = valueOf(device, attribute);
      if (value === undefined) return false;
      const count = values.get(value) ?? 0;
      const isFine = isDistinct ? count === 0 : values.size === 0 || count > 0;
      if (isFine) values.set(value, count + 1);
      return isFine;
    },
    remove(request, device) {
      if (!concerns(request)) return;
      const value = valueOf(device, attribute) ?? '';
      const count = (values.get(value) ?? 0) - 1;
      if (count > 0) values.set(value, count);
      else values.delete(value);
    },
  };
}

/** The value of a fully qualified attribute; a name without a domain has the driver's. */
function valueOf({ device, driver }: PooledDevice, attribute: string): string | undefined {
  const [domain, name] = attribute.split('/');
  const attributes = device.attributes ?? {};
  const found = attributes[attribute] ?? (domain === driver && name ? attributes[name] : undefined);
  return found && JSON.stringify(plainValue(found));
}

/** The one value that an attribute holds, with its type's name so that `1` is not `"1"`. */
export function plainValue(attribute: Readonly<DeviceAttribute>): readonly [string, unknown] | undefined {
  for (const type of ['bool', 'int', 'string', 'version'] as const) {
    if (attribute[type] !== undefined) return [type, attribute[type]];
  }
  return undefined;
}
