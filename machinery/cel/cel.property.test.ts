// Whatever is written as an expression: compiling answers, and evaluating ends, with a value or an error of its own kind.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyJson,
  Budget,
  CelError,
  compileExpression,
  CostExceeded,
  createEnvironment,
  fromJson,
  kubernetesLibraries,
  toJson,
  types,
} from './index.ts';

const environment = createEnvironment({
  variables: { self: { type: types.dyn }, n: { type: types.int }, names: { type: types.list(types.text) } },
  libraries: kubernetesLibraries,
});

/** Evaluates within a small budget; anything but the language's own errors fails the test. */
function attempt(source: string, self: unknown): void {
  const compiled = compileExpression(source, environment);
  if ('fault' in compiled) {
    expect(compiled.fault).toMatch(/^ERROR: <input>:\d+:\d+: /);
    return;
  }
  try {
    compiled.program.evaluate(
      { self: fromJson(self, anyJson), n: 3n, names: fromJson(['a', 'b']) },
      new Budget(50_000),
    );
  } catch (error) {
    if (!(error instanceof CelError) && !(error instanceof CostExceeded)) throw error;
  }
}

const functionNames = [...environment.functions.keys()].filter((name) => /^[a-zA-Z]+$/.test(name));
const leaf = fc.constantFrom(
  'self',
  'n',
  'names',
  '1',
  '-2',
  '3u',
  '1.5',
  '"a"',
  'b"x"',
  'null',
  'true',
  '[]',
  '{}',
  'self.a',
  'names[0]',
  'x',
);
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .tuple(
        tie('tree'),
        fc.constantFrom('+', '-', '*', '/', '%', '==', '!=', '<', '>=', '&&', '||', 'in'),
        tie('tree'),
      )
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc
      .tuple(tie('tree'), fc.constantFrom('all', 'exists', 'map', 'filter', 'exists_one'), tie('tree'))
      .map(([a, macro, b]) => `${a}.${macro}(x, ${b})`),
    fc
      .tuple(tie('tree'), fc.constantFrom(...functionNames), fc.array(tie('tree'), { maxLength: 2 }))
      .map(([a, name, args]) => `${a}.${name}(${args.join(', ')})`),
    fc
      .tuple(fc.constantFrom(...functionNames), fc.array(tie('tree'), { maxLength: 2 }))
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `[${a}, ${b}]`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `{${a}: ${b}}`),
    tie('tree').map((a) => `${a}.a`),
    tie('tree').map((a) => `has(${a}.a)`),
    tie('tree').map((a) => `${a}.?a[?0].orValue(1)`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `${a}[${b}]`),
    tie('tree').map((a) => `!${a}`),
  ),
}));

describe('expressions of any shape', () => {
  it('made of the grammar', () => {
    fc.assert(fc.property(tree, fc.jsonValue({ maxDepth: 3 }), attempt), { numRuns: 2000, seed: 7 });
  });

  it('made of pieces in any order', () => {
    const piece = fc.constantFrom(
      ..."( ) [ ] { } . , : ? ?. [? && || ! - + * / % == < in self n names true 1 1u 2.5 \"a\" b'' r\"\\\" ''' has all map x // \n".split(
        ' ',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => attempt(pieces.join(' '), {})),
      { numRuns: 3000, seed: 7 },
    );
  });

  it('made of any characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (source) => attempt(source, {})),
      { numRuns: 2000, seed: 7 },
    );
  });

  it('JSON goes in and comes out as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(toJson(fromJson(plain))).toEqual(plain);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
