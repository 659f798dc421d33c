// The change that gives a container exactly these plain variables. Variables that other objects give are left alone. Pure.
import type { Container } from '../../../api/kinds/core/index.ts';
import { ServiceError } from '../errors.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
}

export type VariablePatch =
  { readonly name: string; readonly value: string } | { readonly name: string; readonly $patch: 'delete' };

/** Entries of a strategic merge patch of `env`; empty when nothing changes. Throws Invalid for a name that is given twice. */
export function variablesPatch({ env = [] }: Container, wanted: readonly Variable[]): VariablePatch[] {
  const names = new Set<string>();
  for (const { name } of wanted) {
    const given = env.find((one) => one.name === name && one.valueFrom !== undefined);
    if (names.has(name) || given !== undefined) {
      throw new ServiceError('Invalid', `The variable ${name} is given twice.`, {
        remedy: 'Give each variable one value.',
      });
    }
    names.add(name);
  }
  const plain = new Map(env.flatMap(({ name, value, valueFrom }) => (valueFrom ? [] : [[name, value ?? ''] as const])));
  return [
    ...[...plain.keys()].filter((name) => !names.has(name)).map((name) => ({ name, $patch: 'delete' as const })),
    ...wanted.filter(({ name, value }) => plain.get(name) !== value).map(({ name, value }) => ({ name, value })),
  ];
}
