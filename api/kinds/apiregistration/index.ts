// The kinds of the apiregistration group and the types they are made of.
export * from './api-service.ts';
