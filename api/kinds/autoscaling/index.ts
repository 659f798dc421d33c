// The kinds of the autoscaling group and the types they are made of.
export * from './horizontal-pod-autoscaler.ts';
export * from './horizontal-pod-autoscaler-v1.ts';
export * from './scale.ts';
