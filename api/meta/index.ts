// What every part of the house needs to know of the API's objects.
export * from './int-or-string.ts';
export * from './names.ts';
export * from './object-meta.ts';
export * from './quantity.ts';
export * from './selectors.ts';
export * from './status.ts';
export * from './time.ts';
export * from './watch.ts';
