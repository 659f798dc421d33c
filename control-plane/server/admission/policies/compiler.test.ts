// However large a policy is, others have their turn while it is compiled: counted in work done, not in time.
import { expect, it } from 'vitest';
import type { ValidatingAdmissionPolicy } from '../../../../api/kinds/admissionregistration/index.ts';
import { createCompiler, Progress, turnCharacters } from './compiler.ts';
import { validatingCompiler } from './validating-compiled.ts';

const length = 64;
const policyOf = (count: number): ValidatingAdmissionPolicy => {
  const validations = Array.from({ length: count }, (_, index) => ({
    expression: `object.metadata.name != "n${index}"`.padEnd(length),
  }));
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
  return { spec: { matchConstraints: { resourceRules }, validations } } as unknown as ValidatingAdmissionPolicy;
};

it('a policy is compiled in turns of four kilobytes, and only once', async () => {
  let pauses = 0;
  const pause = (): Promise<void> => {
    pauses++;
    return Promise.resolve();
  };
  const compiled = await validatingCompiler.prepare(policyOf(1024), pause);
  expect(pauses).toBe((1024 * length) / turnCharacters);
  expect(compiled.faults).toEqual([]);
  expect(compiled.validations).toHaveLength(1024);
  expect(validatingCompiler.now(policyOf(1024))).toBe(compiled);
  expect(await validatingCompiler.prepare(policyOf(1024), pause)).toBe(compiled);
  expect(pauses).toBe(16);
});

it('who asks while something is compiled waits for the same', async () => {
  let runs = 0;
  const compiler = createCompiler<string, object>(
    (text) => text,
    function* (text, progress) {
      runs++;
      yield* progress.after(text);
      return {};
    },
  );
  const text = 'x'.repeat(turnCharacters);
  const [one, two] = await Promise.all([compiler.prepare(text), compiler.prepare(text)]);
  expect(one).toBe(two);
  expect(runs).toBe(1);
});

it('a turn holds what fits into it', () => {
  const progress = new Progress();
  const rests = (size: number): boolean => progress.after('x'.repeat(size)).next().done !== true;
  expect([rests(turnCharacters - 1), rests(1), rests(turnCharacters - 1), rests(2)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});
