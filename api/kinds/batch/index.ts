// The kinds of the batch group and the types they are made of.
export * from './cron-job.ts';
export * from './job.ts';
