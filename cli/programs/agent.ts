// Entry of dist/agent.mjs, which runs on every machine.
import { agentProgram } from './agent-program.ts';
import { runAsProcess } from './run-program.ts';

await runAsProcess(agentProgram);
