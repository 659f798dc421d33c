// The kinds of the resource group and the types they are made of.
export * from './device.ts';
export * from './device-class.ts';
export * from './resource-claim.ts';
export * from './resource-claim-spec.ts';
export * from './resource-claim-template.ts';
export * from './resource-slice.ts';
