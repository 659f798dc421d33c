// The kinds of the coordination group and the types they are made of.
export * from './lease.ts';
