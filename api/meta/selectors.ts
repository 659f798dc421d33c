// Label and field selectors: parsing of what clients send, and matching. Errors are RangeErrors with a sentence.
import { checkLabelValue, checkQualifiedName } from './names.ts';

export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';

/** One requirement on one label. */
export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

/** A parsed selector: all requirements must hold; none matches everything. */
export type Selector = readonly Requirement[];

/** A selector as objects carry it. */
export interface LabelSelectorLike {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** One requirement on one field. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

export type FieldSelector = readonly FieldRequirement[];

type Labels = Readonly<Record<string, string>> | undefined;

function labelOf(labels: Labels, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function meets(requirement: Requirement, labels: Labels): boolean {
  const value = labelOf(labels, requirement.key);
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.includes(value);
    case 'NotIn':
      return value === undefined || !requirement.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isInteger(value) && BigInt(value) > BigInt(requirement.values[0] ?? 0);
    case 'Lt':
      return isInteger(value) && BigInt(value) < BigInt(requirement.values[0] ?? 0);
  }
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^[+-]?\d{1,19}$/.test(text);
}

/** Whether labels meet every requirement. */
export function matchesSelector(selector: Selector, labels: Labels): boolean {
  return selector.every((requirement) => meets(requirement, labels));
}

/** The requirements of an object's selector. An absent selector is for the caller to judge; an empty one matches all. */
export function selectorOf(selector: LabelSelectorLike): Selector {
  const requirements: Requirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    requirements.push({ key, operator: operator as SelectorOperator, values });
  }
  return requirements;
}

/** Whether labels match an object's selector; an absent selector matches nothing. */
export function matchesLabelSelector(selector: LabelSelectorLike | undefined, labels: Labels): boolean {
  return selector !== undefined && matchesSelector(selectorOf(selector), labels);
}

/** Text of an object's selector, as `parseLabelSelector` reads it. */
export function formatLabelSelector(selector: LabelSelectorLike): string {
  const requirements = [...selectorOf(selector)];
  return formatSelector(requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)));
}

/** Text of a parsed selector. */
export function formatSelector(selector: Selector): string {
  return selector
    .map(({ key, operator, values }) => {
      switch (operator) {
        case 'In':
          return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${[...values].sort().join(',')})`;
        case 'NotIn':
          return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${[...values].sort().join(',')})`;
        case 'Exists':
          return key;
        case 'DoesNotExist':
          return `!${key}`;
        case 'Gt':
          return `${key}>${values[0]}`;
        case 'Lt':
          return `${key}<${values[0]}`;
      }
    })
    .join(',');
}

interface Token {
  readonly kind: 'word' | '(' | ')' | ',' | '!' | '=' | '!=' | '>' | '<' | 'end';
  readonly text: string;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/gy;
  let end = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const symbol = match[1] ?? '';
    end = pattern.lastIndex;
    const kind = /^(==|!=|[=!<>(),])$/.test(symbol) ? (symbol === '==' ? '=' : symbol) : 'word';
    tokens.push({ kind: kind as Token['kind'], text: symbol });
  }
  if (text.slice(end).trim() !== '') throw new RangeError(`unable to parse requirement: ${text}`);
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

/** Parses a label selector such as `app=web,tier in (a, b),!old`. */
export function parseLabelSelector(text: string): Selector {
  const tokens = tokenize(text);
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '' };
  const take = (): Token => tokens[at++] ?? { kind: 'end', text: '' };
  const requirements: Requirement[] = [];
  if (peek().kind === 'end') return requirements;
  for (;;) {
    requirements.push(parseRequirement(peek, take));
    const next = take();
    if (next.kind === 'end') return requirements;
    if (next.kind !== ',') throw new RangeError(`found '${next.text}', expected: ',' or 'end of string'`);
    if (peek().kind === 'end') throw new RangeError(`found '', expected: identifier after ','`);
  }
}

function parseRequirement(peek: () => Token, take: () => Token): Requirement {
  const negated = peek().kind === '!';
  if (negated) take();
  const key = take();
  if (key.kind !== 'word')
    throw new RangeError(
      `unable to parse requirement: found '${key.text}', expected: !, identifier, or 'end of string'`,
    );
  demandValid(checkQualifiedName(key.text), key.text);
  if (negated) return { key: key.text, operator: 'DoesNotExist', values: [] };
  const next = peek();
  if (next.kind === ',' || next.kind === 'end') return { key: key.text, operator: 'Exists', values: [] };
  take();
  if (next.kind === '=' || next.kind === '!=') {
    return labelled(key.text, next.kind === '=' ? 'In' : 'NotIn', [exactValue(peek, take)]);
  }
  if (next.kind === '>' || next.kind === '<') {
    const value = exactValue(peek, take);
    if (!isInteger(value))
      throw new RangeError(
        `values[0]: Invalid value: "${value}": for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    return { key: key.text, operator: next.kind === '>' ? 'Gt' : 'Lt', values: [value] };
  }
  if (next.kind === 'word' && (next.text === 'in' || next.text === 'notin')) {
    return labelled(key.text, next.text === 'in' ? 'In' : 'NotIn', valueSet(take));
  }
  throw new RangeError(`unable to parse requirement: found '${next.text}', expected: in, notin, =, ==, !=, gt, lt`);
}

function labelled(key: string, operator: SelectorOperator, values: string[]): Requirement {
  for (const value of values) demandValid(checkLabelValue(value), value);
  return { key, operator, values };
}

function exactValue(peek: () => Token, take: () => Token): string {
  const { kind } = peek();
  if (kind === ',' || kind === 'end') return '';
  const token = take();
  if (kind !== 'word') throw new RangeError(`found '${token.text}', expected: identifier`);
  return token.text;
}

function valueSet(take: () => Token): string[] {
  const open = take();
  if (open.kind !== '(') throw new RangeError(`found '${open.text}' expected: '('`);
  const values: string[] = [];
  for (let value = ''; ;) {
    const token = take();
    if (token.kind === 'word' && value === '') value = token.text;
    else if (token.kind === ',' || token.kind === ')') {
      values.push(value);
      value = '';
      if (token.kind === ')') return [...new Set(values)].sort();
    } else throw new RangeError(`found '${token.text}', expected: ',', or ')'`);
  }
}

function demandValid(errors: readonly string[], value: string): void {
  if (errors.length > 0) throw new RangeError(`Invalid value: ${JSON.stringify(value)}: ${errors.join('; ')}`);
}

/** Parses a field selector such as `spec.nodeName=a,status.phase!=Running`; backslashes escape `,`, `=` and `\`. */
export function parseFieldSelector(text: string): FieldSelector {
  return splitUnescaped(text)
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^((?:[^\\=!]|\\.|!(?!=))*?)(!=|==|=)(.*)$/s.exec(term);
      if (match === null) throw new RangeError(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field = '', operator, value = ''] = match;
      return { field: field.trim(), operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value, text) };
    });
}

function splitUnescaped(text: string): string[] {
  return text === '' ? [] : (text.match(/(?:^|,)((?:\\.|[^,\\]|\\$)*)/gs) ?? []).map((term) => term.replace(/^,/, ''));
}

function unescapeValue(value: string, whole: string): string {
  if (/(?:^|[^\\])(?:\\\\)*\\(?:[^\\,=]|$)/s.test(value) || /(?:^|[^\\])(?:\\\\)*=/s.test(value)) {
    throw new RangeError(`invalid field selector: invalid value in '${whole}': '${value}'`);
  }
  return value.replace(/\\([\\,=])/g, '$1');
}

/** Whether the facts of `ResourceDefinition.selectableFields` meet a field selector. */
export function matchesFieldSelector(selector: FieldSelector, facts: Readonly<Record<string, string>>): boolean {
  return selector.every(({ field, operator, value }) => ((facts[field] ?? '') === value) === (operator === '='));
}
