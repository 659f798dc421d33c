// The kinds of the meta group and the types they are made of.
export * from './condition.ts';
export * from './delete-options.ts';
export * from './discovery.ts';
export * from './label-selector.ts';
export * from './object-meta.ts';
export * from './status.ts';
export * from './watch-event.ts';
