// The kinds of the networking group and the types they are made of.
export * from './ingress.ts';
export * from './ingress-class.ts';
export * from './ip-address.ts';
export * from './network-policy.ts';
export * from './service-cidr.ts';
