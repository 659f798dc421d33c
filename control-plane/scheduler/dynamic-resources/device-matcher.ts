// Device selectors in CEL. An expression sees `device` with its driver, its attributes and its capacity by domain; names
// without a domain are the driver's. What was found out about a device is kept for as long as the device object.
import type { Device, DeviceAttribute } from '../../../api/kinds/resource/index.ts';
import {
  compileExpression,
  createEnvironment,
  EntryMap,
  kubernetesLibraries,
  MapValue,
  parseSemver,
  QuantityValue,
  quantityType,
  types,
  valueMap,
} from '../../../machinery/cel/index.ts';
import type { Compilation, Value } from '../../../machinery/cel/index.ts';
import type { PooledDevice } from './device-pools.ts';

const deviceType = types.objectType(
  'kubernetes.DRADevice',
  new Map([
    ['driver', types.text],
    ['allowMultipleAllocations', types.bool],
    ['attributes', types.map(types.text, types.map(types.text, types.dyn))],
    ['capacity', types.map(types.text, types.map(types.text, quantityType))],
  ]),
);
const environment = createEnvironment({
  variables: { device: { type: deviceType } },
  libraries: kubernetesLibraries,
  bindings: true,
});

const mostPrograms = 1_000;
const programs = new Map<string, Compilation>();
const verdicts = new WeakMap<Readonly<Device>, Map<string, boolean>>();

/** Whether an expression accepts a device; throws a sentence when it cannot be evaluated. */
export function matchesDevice(expression: string, pooled: PooledDevice): boolean {
  const known = verdicts.get(pooled.device) ?? new Map<string, boolean>();
  verdicts.set(pooled.device, known);
  const key = `${pooled.driver} ${expression}`;
  let verdict = known.get(key);
  if (verdict === undefined) known.set(key, (verdict = evaluate(expression, pooled)));
  return verdict;
}

function evaluate(expression: string, { id, driver, device }: PooledDevice): boolean {
  const compiled = compile(expression);
  if ('fault' in compiled) throw new Error(`selector "${expression}" is not valid: ${compiled.fault}`);
  try {
    return compiled.program.evaluate({ device: deviceValue(driver, device) }) === true;
  } catch (cause) {
    throw new Error(`selector "${expression}" fails for device ${id}: ${(cause as Error).message}`, { cause });
  }
}

function compile(expression: string): Compilation {
  let compiled = programs.get(expression);
  if (!compiled) {
    compiled = compileExpression(expression, environment);
    if ('program' in compiled && !['bool', 'dyn'].includes(compiled.program.type.kind))
      compiled = { fault: 'it must say true or false' };
    if (programs.size >= mostPrograms) programs.clear();
    programs.set(expression, compiled);
  }
  return compiled;
}

function deviceValue(driver: string, { attributes, capacity, allowMultipleAllocations }: Readonly<Device>): Value {
  return valueMap({
    driver,
    allowMultipleAllocations: allowMultipleAllocations ?? false,
    attributes: byDomain(driver, attributes ?? {}, attributeValue),
    capacity: byDomain(driver, capacity ?? {}, ({ value }) => new QuantityValue(String(value))),
  });
}

function byDomain<T>(driver: string, entries: Readonly<Record<string, T>>, valueOf: (entry: T) => Value): MapValue {
  const domains = new Map<string, [Value, Value][]>();
  for (const [name, entry] of Object.entries(entries)) {
    const slash = name.indexOf('/');
    const domain = slash < 0 ? driver : name.slice(0, slash);
    const list = domains.get(domain) ?? [];
    domains.set(domain, [...list, [name.slice(slash + 1), valueOf(entry)]]);
  }
  return new DomainMap(new Map([...domains].map(([domain, list]) => [domain, new EntryMap(list)])));
}

function attributeValue({ bool, int, string, version }: Readonly<DeviceAttribute>): Value {
  if (bool !== undefined) return bool;
  if (int !== undefined) return BigInt(int);
  if (version !== undefined) return parseSemver(version) ?? version;
  return string ?? null;
}

/** Domains of names; one that the device says nothing of is empty, so that looking into it is no error. */
class DomainMap extends MapValue {
  readonly #domains: ReadonlyMap<string, EntryMap>;
  constructor(domains: ReadonlyMap<string, EntryMap>) {
    super();
    this.#domains = domains;
  }
  get size(): number {
    return this.#domains.size;
  }
  get(key: Value): Value | undefined {
    return typeof key === 'string' ? (this.#domains.get(key) ?? new EntryMap([])) : undefined;
  }
  keys(): Iterable<Value> {
    return this.#domains.keys();
  }
}
