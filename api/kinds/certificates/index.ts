// The kinds of the certificates group and the types they are made of.
export * from './certificate-signing-request.ts';
export * from './cluster-trust-bundle.ts';
