// The schema vocabulary and its walkers.
export * from './decode.ts';
export * from './defaults.ts';
export type { FieldError, FieldErrorReason } from './field-error.ts';
export * from './schema.ts';
export * from './validate.ts';
