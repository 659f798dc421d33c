#!/usr/bin/env node
// The `pilothouse` command: a plain launcher that any Node from 20 on can run; it starts cli/main.ts under Node 24.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNode24 } from './node24.mjs';

process.exitCode = await runNode24([
  join(dirname(fileURLToPath(import.meta.url)), 'main.ts'),
  ...process.argv.slice(2),
]);
