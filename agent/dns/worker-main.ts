// The DNS thread's entry in development; the bundled agent.mjs enters itself instead and calls the same function.
import { dnsWorkerMain } from './worker.ts';

await dnsWorkerMain();
