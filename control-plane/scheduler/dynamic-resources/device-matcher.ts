// Device selectors in CEL. An expression sees `device` with its driver, attributes and capacity, by domain.
import type { PooledDevice } from './device-pools.ts';

/** Whether an expression accepts a device; throws a sentence when it cannot be evaluated. */
export function matchesDevice(expression: string, _device: PooledDevice): boolean {
  throw new Error(`the CEL selector "${expression}" cannot be evaluated`);
}
