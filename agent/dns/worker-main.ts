// The DNS thread's entry: a file in development, text inside the bundle otherwise. No top-level await, so that it also
// bundles as a script; a failure ends the thread, which its parent notices.
import { dnsWorkerMain } from './worker.ts';

void dnsWorkerMain();
