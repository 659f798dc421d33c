// The kinds of the discovery group and the types they are made of.
export * from './endpoint-slice.ts';
