// Kubernetes quantities (`1.5Gi`), compared and added exactly.
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  subtractQuantities,
  tryParseQuantity,
} from '../../../api/meta/quantity.ts';
import { CelError } from '../budget.ts';
import { constant, dearer, scan } from '../cost-models.ts';
import { fn, method, type Library } from '../overload.ts';
import { bool, double, int, opaque, text } from '../types.ts';
import { Opaque } from '../values.ts';

export const quantityType = opaque('kubernetes.Quantity');

/** A quantity by its text. */
export class QuantityValue extends Opaque {
  readonly type = quantityType;
  readonly text: string;
  constructor(value: string) {
    super();
    this.text = value;
  }
  equals(other: Opaque): boolean {
    return other instanceof QuantityValue && compareQuantities(this.text, other.text) === 0;
  }
}

function quantityOf(value: string): QuantityValue {
  if (tryParseQuantity(value) === undefined)
    throw new CelError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  return new QuantityValue(value);
}

/** Units that parsing and comparing exact numbers takes beyond the characters. */
const parsingCost = 20;
const smallest = -(2n ** 63n);

/** The whole number that a quantity is; undefined when it is none, or beyond 64 bits. */
function wholeOf(value: QuantityValue): bigint | undefined {
  const { nanos } = parseQuantity(value.text);
  const whole = nanos / 1_000_000_000n;
  if (nanos % 1_000_000_000n !== 0n || whole < smallest || whole > -smallest - 1n) return undefined;
  return whole;
}

function integerOf(value: QuantityValue): bigint {
  const whole = wholeOf(value);
  if (whole === undefined) throw new CelError('cannot convert value to integer');
  return whole;
}

function approximate({ text: value }: QuantityValue): number {
  return Number(parseQuantity(value).nanos) / 1e9;
}

const compare = (a: QuantityValue, b: QuantityValue): number => Math.sign(compareQuantities(a.text, b.text));

/** Functions of quantities. */
export const quantities: Library = [
  fn('quantity', 'string_to_quantity', [text], quantityType, quantityOf, dearer(scan(0), parsingCost)),
  fn(
    'isQuantity',
    'is_quantity_string',
    [text],
    bool,
    (value: string) => tryParseQuantity(value) !== undefined,
    scan(0),
  ),
  method(
    'sign',
    'quantity_sign',
    [quantityType],
    int,
    (value: QuantityValue) => BigInt(Math.sign(compareQuantities(value.text, '0'))),
    constant(1),
  ),
  method(
    'isInteger',
    'quantity_is_integer',
    [quantityType],
    bool,
    (value: QuantityValue) => wholeOf(value) !== undefined,
    constant(1),
  ),
  method('asInteger', 'quantity_as_integer', [quantityType], int, integerOf, constant(1)),
  method('asApproximateFloat', 'quantity_get_float', [quantityType], double, approximate, constant(1)),
  method(
    'add',
    'quantity_add',
    [quantityType, quantityType],
    quantityType,
    (a: QuantityValue, b: QuantityValue) => new QuantityValue(addQuantities(a.text, b.text)),
    constant(1),
  ),
  method(
    'add',
    'quantity_add_int',
    [quantityType, int],
    quantityType,
    (a: QuantityValue, b: bigint) => new QuantityValue(addQuantities(a.text, String(b))),
    constant(1),
  ),
  method(
    'sub',
    'quantity_sub',
    [quantityType, quantityType],
    quantityType,
    (a: QuantityValue, b: QuantityValue) => new QuantityValue(subtractQuantities(a.text, b.text)),
    constant(1),
  ),
  method(
    'sub',
    'quantity_sub_int',
    [quantityType, int],
    quantityType,
    (a: QuantityValue, b: bigint) => new QuantityValue(subtractQuantities(a.text, String(b))),
    constant(1),
  ),
  method(
    'isGreaterThan',
    'quantity_is_greater_than',
    [quantityType, quantityType],
    bool,
    (a: QuantityValue, b: QuantityValue) => compare(a, b) > 0,
    constant(1),
  ),
  method(
    'isLessThan',
    'quantity_is_less_than',
    [quantityType, quantityType],
    bool,
    (a: QuantityValue, b: QuantityValue) => compare(a, b) < 0,
    constant(1),
  ),
  method(
    'compareTo',
    'quantity_compare_to',
    [quantityType, quantityType],
    int,
    (a: QuantityValue, b: QuantityValue) => BigInt(compare(a, b)),
    constant(1),
  ),
];
