// The kinds of the scheduling group and the types they are made of.
export * from './priority-class.ts';
