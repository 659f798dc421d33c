// The kinds of the apiextensions group and the types they are made of.
export * from './custom-resource-definition.ts';
export * from './json-schema-props.ts';
