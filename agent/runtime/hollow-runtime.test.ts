import { describe } from 'vitest';
import { containerRuntimeSuite } from './container-runtime-suite.ts';
import { createHollowRuntime } from './hollow-runtime.ts';

describe('the hollow runtime', () => {
  const runtime = createHollowRuntime();
  containerRuntimeSuite({ runtime: () => runtime, image: 'any:1' });
});
