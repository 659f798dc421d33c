// However large what strangers write, others have their turn in between: counted in work done, not in time.
import { expect, it } from 'vitest';
import type { JSONSchemaProps } from '../../../../api/kinds/apiextensions/json-schema-props.ts';
import {
  Budget,
  compileExpression,
  createEnvironment,
  fromJson,
  kubernetesLibraries,
  types,
} from '../../../../machinery/cel/index.ts';
import { checkRules } from './check-rules.ts';
import { compileRules, prepareRules } from './compile-rules.ts';
import { evaluateRules, evaluateRulesInTurns, turnCost } from './evaluate-rules.ts';

const ruleLength = 40;

/** A schema with as many rules of forty characters. */
function schemaOf(count: number): JSONSchemaProps {
  const field = (index: number): JSONSchemaProps => ({
    type: 'string',
    maxLength: 10,
    'x-kubernetes-validations': [{ rule: `self != "${index}"`.padEnd(ruleLength) }],
  });
  const properties = Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, field(index)]));
  return { type: 'object', properties: { spec: { type: 'object', properties } } };
}

it('rules are compiled in turns of four kilobytes, and only once', async () => {
  const schema = schemaOf(1024);
  let pauses = 0;
  const pause = (): Promise<void> => {
    pauses++;
    return Promise.resolve();
  };
  await prepareRules(schema, pause);
  // Every turn ends with the rule that fills it.
  expect(pauses).toBe(Math.floor(1024 / Math.ceil(4096 / ruleLength)));
  const compiled = compileRules(structuredClone(schema));
  expect(compiled?.properties.get('spec')?.properties.size).toBe(1024);
  expect(checkRules(compiled, '')).toEqual([]);
  pauses = 0;
  await prepareRules(structuredClone(schema), pause);
  expect(pauses).toBe(0);
  expect(compileRules(structuredClone(schema))).toBe(compiled);
});

it('an object’s rules are evaluated in turns, with the outcome that they have at once', async () => {
  const items = { type: 'integer' };
  const rules = Array.from({ length: 20 }, (_, index) => ({ rule: `self.all(a, self.all(b, a + b >= ${index}))` }));
  const schema: JSONSchemaProps = {
    type: 'object',
    properties: { list: { type: 'array', maxItems: 120, items, 'x-kubernetes-validations': rules } },
  };
  const root = compileRules(schema);
  if (root === undefined) throw new Error('no rules');
  const object = { list: Array.from({ length: 120 }, (_, index) => index + 5) };
  let pauses = 0;
  const inTurns = await evaluateRulesInTurns(root, object, undefined, () => {
    pauses++;
    return Promise.resolve();
  });
  const atOnce = evaluateRules(root, object);
  expect(inTurns.faults).toEqual(atOnce.faults);
  expect(atOnce.faults.length).toBeGreaterThan(0);
  // One rule over 120 × 120 pairs spends less than a turn, or a bit more: no two of them are in one turn for long.
  const list = root.properties.get('list');
  const [first] = list?.rules ?? [];
  const budget = new Budget(Infinity);
  first?.program?.evaluate({ self: fromJson(object.list, list?.type) }, budget);
  const total = budget.spent * rules.length;
  expect(total).toBeGreaterThan(turnCost * 5);
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(total / (turnCost + budget.spent)));
});

it.each([
  ['matchers', "self.all(a, string(a).matches('^(a|aa)+$') || true)"],
  ['quantities', "self.all(a, quantity(string(a)) == quantity('1'))"],
])('what takes long here is charged more: %s', (_what, source) => {
  const environment = createEnvironment({ variables: { self: { type: types.dyn } }, libraries: kubernetesLibraries });
  const compilation = compileExpression(source, environment);
  if ('fault' in compilation) throw new Error(compilation.fault);
  const budget = new Budget(Infinity);
  const count = 100;
  compilation.program.evaluate({ self: fromJson(Array.from({ length: count }, () => 1)) }, budget);
  expect(budget.spent / count).toBeGreaterThan(40);
});
