// The kinds of the policy group and the types they are made of.
export * from './eviction.ts';
export * from './pod-disruption-budget.ts';
