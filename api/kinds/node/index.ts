// The kinds of the node group and the types they are made of.
export * from './runtime-class.ts';
