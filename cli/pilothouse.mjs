#!/usr/bin/env node
// The `pilothouse` command: a plain launcher that any Node from 20 on can run; it starts cli/main.ts under Node 24.
// What Node compiles of it is kept: the next command starts with less than half of the work.
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNode24 } from './node24.mjs';

const cache = process.env.PILOTHOUSE_CACHE ?? join(homedir(), '.cache', 'pilothouse');
const env = { NODE_COMPILE_CACHE: join(cache, 'compiled'), ...process.env };
const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
process.exitCode = await runNode24([main, ...process.argv.slice(2)], { env });
