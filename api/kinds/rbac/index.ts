// The kinds of the rbac group and the types they are made of.
export * from './cluster-role.ts';
export * from './cluster-role-binding.ts';
export * from './role.ts';
export * from './role-binding.ts';
