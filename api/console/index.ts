// The contract between the renderer and the console services.
export type * from './changes.ts';
export type * from './clusters.ts';
export type * from './configuration.ts';
export type * from './containers.ts';
export type * from './contract.ts';
export type * from './deployments.ts';
export type * from './events.ts';
export type * from './explorer.ts';
export * from './natural-order.ts';
export type * from './nodes.ts';
export type * from './overview.ts';
export * from './pods.ts';
export type * from './provisioning.ts';
export type * from './result.ts';
export type * from './rows.ts';
export * from './settings.ts';
export type * from './terminal.ts';
export type * from './wire.ts';
