// Entry of dist/agent.mjs, which runs on every machine. The agent's DNS thread enters the same file again and is only that.
import { isMainThread, workerData } from 'node:worker_threads';
import { dnsWorkerMain } from '../../agent/dns/worker.ts';
import { agentProgram } from './agent-program.ts';
import { runAsProcess } from './run-program.ts';

if (!isMainThread && (workerData as { role?: string } | null)?.role === 'dns') await dnsWorkerMain();
else await runAsProcess(agentProgram);
