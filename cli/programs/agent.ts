// Entry of dist/agent.mjs, which runs on every machine: the agent itself, or its DNS worker when it starts itself anew
// in a thread.
import { isMainThread, workerData } from 'node:worker_threads';

if (!isMainThread && (workerData as { role?: string } | null)?.role === 'dns') {
  const { dnsWorkerMain } = await import('../../agent/dns/worker.ts');
  await dnsWorkerMain();
} else {
  const [{ agentProgram }, { runAsProcess }] = await Promise.all([
    import('./agent-program.ts'),
    import('./run-program.ts'),
  ]);
  await runAsProcess(agentProgram);
}
