// Named string formats: the names of Kubernetes objects, labels, and a few that schemas use.
import {
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
} from '../../../api/meta/names.ts';
import { constant, regexFactor, scale, textFactor, unknownSize } from '../cost-models.ts';
import { fn, method, type CallCost, type Library } from '../overload.ts';
import { parseTimestamp } from '../time-text.ts';
import { list, opaque, optional, text } from '../types.ts';
import { ArrayList, codePoints, Opaque, Optional, type Value } from '../values.ts';
import { parseUrl } from './urls.ts';

export const formatType = opaque('kubernetes.NamedFormat');

class FormatValue extends Opaque {
  readonly type = formatType;
  readonly name: string;
  readonly judge: (value: string) => readonly string[];
  /** The length that its pattern counts with in costs. */
  readonly patternLength: number;
  constructor(name: string, judge: (value: string) => readonly string[], patternLength: number) {
    super();
    this.name = name;
    this.judge = judge;
    this.patternLength = patternLength;
  }
  equals(other: Opaque): boolean {
    return other === this;
  }
}

/** A prefix may end where a name goes on: its trailing dash counts as a letter. */
const asPrefix =
  (judge: (value: string) => readonly string[]) =>
  (value: string): readonly string[] =>
    judge(value.replace(/-$/, 'a'));

const complain =
  (isValid: (value: string) => boolean, sentence: string) =>
  (value: string): readonly string[] =>
    isValid(value) ? [] : [sentence];

const isDate = (value: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(value) && parseTimestamp(`${value}T00:00:00Z`) !== undefined;
const isBase64 = (value: string): boolean => value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
const isUuid = (value: string): boolean =>
  /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value);

const formats: ReadonlyMap<string, FormatValue> = new Map(
  [
    new FormatValue('dns1123Label', checkDnsLabel, 30),
    new FormatValue('dns1123Subdomain', checkDnsSubdomain, 60),
    new FormatValue('dns1035Label', checkDns1035Label, 30),
    new FormatValue('qualifiedName', checkQualifiedName, 60),
    new FormatValue('dns1123LabelPrefix', asPrefix(checkDnsLabel), 30),
    new FormatValue('dns1123SubdomainPrefix', asPrefix(checkDnsSubdomain), 60),
    new FormatValue('dns1035LabelPrefix', asPrefix(checkDns1035Label), 30),
    new FormatValue('labelValue', checkLabelValue, 40),
    new FormatValue(
      'uri',
      complain((value) => parseUrl(value) !== undefined, 'invalid URI for request'),
      1050,
    ),
    new FormatValue('uuid', complain(isUuid, 'does not match the UUID format'), 70),
    new FormatValue('byte', complain(isBase64, 'invalid base64'), 70),
    new FormatValue('date', complain(isDate, 'invalid date'), 10),
    new FormatValue(
      'datetime',
      complain((value) => parseTimestamp(value) !== undefined, 'invalid datetime'),
      100,
    ),
  ].map((format) => [format.name, format] as const),
);

const longestPattern = 1050;

const validating: CallCost = {
  actual: ([format, value]) =>
    Math.ceil((1 + codePoints(value as string)) * textFactor) *
    Math.ceil((format as unknown as FormatValue).patternLength * regexFactor),
  estimate: (args) => ({
    cost: scale(scale(args[1]?.size ?? unknownSize, textFactor), longestPattern * regexFactor),
  }),
};

function validate(format: FormatValue, value: string): Optional {
  const complaints = format.judge(value);
  return complaints.length === 0 ? Optional.none : new Optional(new ArrayList([...complaints]));
}

function named(name: string): Value {
  const format = formats.get(name);
  return format === undefined ? Optional.none : new Optional(format);
}

/** `format.NAME()`, `format.named(NAME)` and `validate`. */
export const formatLibrary: Library = [
  ...[...formats].map(([name, format]) => fn(`format.${name}`, `format.${name}`, [], formatType, () => format)),
  fn('format.named', 'format-named', [text], optional(formatType), named, constant(1)),
  method('validate', 'format-validate', [formatType, text], optional(list(text)), validate, validating),
];
