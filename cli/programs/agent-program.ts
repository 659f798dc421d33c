// The node agent as a program: the flags of agent/flags.ts, run until a signal.
import { type AgentOptions, parseAgentFlags } from '../../agent/flags.ts';
import { runAgent } from '../../agent/main.ts';
import type { Program } from './run-program.ts';

export const agentProgram: Program<AgentOptions> = { name: 'agent', parse: parseAgentFlags, run: runAgent };
