// The kinds of the admissionregistration group and the types they are made of.
export * from './matching.ts';
export * from './mutating-admission-policy.ts';
export * from './mutating-admission-policy-binding.ts';
export * from './mutating-webhook-configuration.ts';
export * from './parameters.ts';
export * from './validating-admission-policy.ts';
export * from './validating-admission-policy-binding.ts';
export * from './validating-webhook-configuration.ts';
export * from './webhook-client-config.ts';
