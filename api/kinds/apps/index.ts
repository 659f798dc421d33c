// The kinds of the apps group and the types they are made of.
export * from './controller-revision.ts';
export * from './daemon-set.ts';
export * from './deployment.ts';
export * from './replica-set.ts';
export * from './stateful-set.ts';
