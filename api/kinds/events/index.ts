// The kinds of the events group and the types they are made of.
export * from './event.ts';
