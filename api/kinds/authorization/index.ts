// The kinds of the authorization group and the types they are made of.
export * from './local-subject-access-review.ts';
export * from './self-subject-access-review.ts';
export * from './self-subject-rules-review.ts';
export * from './subject-access-review.ts';
