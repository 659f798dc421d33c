// The part of kubectl's JSONPath that printer columns, selectable fields and scale paths use:
// .a.b, ['a.b'], [0], [*], [?(@.type=="Ready")]. Compiled once; never throws on any object.

type Step = (values: readonly unknown[]) => unknown[];

/** Finds every value that a path leads to. */
export type JsonPath = (object: unknown) => unknown[];

const token =
  /\.?\[\?\(@\.([\w.-]+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|(true|false|-?\d+(?:\.\d+)?))\)\]|\.?\['([^']+)'\]|\.?\["([^"]+)"\]|\.?\[(-?\d+|\*)\]|\.?((?:\\.|[\w/-])+)|\./gy;

/** Compiles a path, with or without braces; undefined when it is not one. */
export function compileJsonPath(text: string): JsonPath | undefined {
  const source = text
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^\$/, '');
  const steps: Step[] = [];
  token.lastIndex = 0;
  let end = 0;
  for (let match = token.exec(source); match !== null && match[0] !== ''; match = token.exec(source)) {
    end = token.lastIndex;
    const step = stepOf(match);
    if (step !== undefined) steps.push(step);
    if (end === source.length) break;
  }
  if (end !== source.length) return undefined;
  return (object) => steps.reduce<unknown[]>((values, step) => step(values), [object]);
}

function stepOf(match: RegExpExecArray): Step | undefined {
  const [, field, operator, double, single, literal, quoted, doubleQuoted, index, name] = match;
  if (field !== undefined) {
    const wanted = double ?? single ?? literal ?? '';
    const path = field.split('.');
    return (values) =>
      values
        .flatMap(elements)
        .filter((value) => (String(path.reduce(member, value) ?? '') === wanted) === (operator === '=='));
  }
  if (index === '*') return (values) => values.flatMap(elements);
  if (index !== undefined)
    return (values) => values.flatMap((value) => (Array.isArray(value) ? value.slice(Number(index)).slice(0, 1) : []));
  const key = quoted ?? doubleQuoted ?? name?.replace(/\\(.)/g, '$1');
  if (key === undefined) return undefined;
  return (values) => values.map((value) => member(value, key)).filter((value) => value !== undefined);
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function elements(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
