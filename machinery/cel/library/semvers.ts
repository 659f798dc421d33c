// Semantic versions (semver.org 2.0.0) and their precedence.
import { CelError } from '../budget.ts';
import { constant, scan } from '../cost-models.ts';
import { fn, method, type Library } from '../overload.ts';
import { bool, int, opaque, text } from '../types.ts';
import { Opaque } from '../values.ts';

export const semverType = opaque('kubernetes.Semver');

const pattern =
  /^(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,18})(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const longest = 256;

/** A version; build metadata does not count. */
export class SemverValue extends Opaque {
  readonly type = semverType;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }
  equals(other: Opaque): boolean {
    return other instanceof SemverValue && compareSemvers(this, other) === 0;
  }
}

/** Reads a version; undefined when it is none. */
export function parseSemver(value: string, normalizes = false): SemverValue | undefined {
  if (value.length > longest) return undefined;
  const match = pattern.exec(normalizes ? normalize(value) : value);
  if (match === null) return undefined;
  const [, major = '', minor = '', patch = '', prerelease = ''] = match;
  return new SemverValue([BigInt(major), BigInt(minor), BigInt(patch)], prerelease === '' ? [] : prerelease.split('.'));
}

/** Without a leading v, with all three numbers, without leading zeros. */
function normalize(value: string): string {
  const plain = value.replace(/^v/, '');
  const end = plain.search(/[-+]/);
  const core = end === -1 ? plain : plain.slice(0, end);
  const parts = core.split('.').map((part) => (/^\d+$/.test(part) ? part.replace(/^0+(?=\d)/, '') : part));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + (end === -1 ? '' : plain.slice(end));
}

function compareSemvers(a: SemverValue, b: SemverValue): number {
  for (const [index, left] of a.numbers.entries()) {
    const right = b.numbers[index] ?? 0n;
    if (left !== right) return left < right ? -1 : 1;
  }
  // A prerelease comes before its release.
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return Math.sign(b.prerelease.length - a.prerelease.length);
  for (const [index, left] of a.prerelease.entries()) {
    const right = b.prerelease[index];
    if (right === undefined) return 1;
    const order = compareIdentifiers(left, right);
    if (order !== 0) return order;
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0;
}

function compareIdentifiers(a: string, b: string): number {
  const [isLeftNumber, isRightNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isLeftNumber && isRightNumber) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function semverOf(value: string, normalizes: boolean): SemverValue {
  const version = parseSemver(value, normalizes);
  if (version === undefined) throw new CelError(`${JSON.stringify(value)} is not a semantic version`);
  return version;
}

const part =
  (index: 0 | 1 | 2) =>
  (value: SemverValue): bigint =>
    value.numbers[index];

/** Functions of versions. */
export const semvers: Library = [
  fn('semver', 'string_to_semver', [text], semverType, (value: string) => semverOf(value, false), scan(0)),
  fn('semver', 'string_bool_to_semver', [text, bool], semverType, semverOf, scan(0)),
  fn('isSemver', 'is_semver_string', [text], bool, (value: string) => parseSemver(value) !== undefined, scan(0)),
  fn(
    'isSemver',
    'is_semver_string_bool',
    [text, bool],
    bool,
    (value: string, normalizes: boolean) => parseSemver(value, normalizes) !== undefined,
    scan(0),
  ),
  method(
    'isGreaterThan',
    'semver_is_greater_than',
    [semverType, semverType],
    bool,
    (a: SemverValue, b: SemverValue) => compareSemvers(a, b) > 0,
    constant(1),
  ),
  method(
    'isLessThan',
    'semver_is_less_than',
    [semverType, semverType],
    bool,
    (a: SemverValue, b: SemverValue) => compareSemvers(a, b) < 0,
    constant(1),
  ),
  method(
    'compareTo',
    'semver_compare_to',
    [semverType, semverType],
    int,
    (a: SemverValue, b: SemverValue) => BigInt(compareSemvers(a, b)),
    constant(1),
  ),
  method('major', 'semver_major', [semverType], int, part(0), constant(1)),
  method('minor', 'semver_minor', [semverType], int, part(1), constant(1)),
  method('patch', 'semver_patch', [semverType], int, part(2), constant(1)),
];
