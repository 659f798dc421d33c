import { describe } from 'vitest';
import { describeStoreContract } from './contract-suite.ts';
import { createMemoryStore } from './memory-store.ts';

describe('memory store', () => {
  describeStoreContract(() => Promise.resolve(createMemoryStore({ patienceMs: 20 })));
});
