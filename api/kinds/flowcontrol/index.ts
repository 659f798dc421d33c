// The kinds of the flowcontrol group and the types they are made of.
export * from './flow-schema.ts';
export * from './priority-level-configuration.ts';
