// Entry of dist/control-plane.mjs, which runs on masters.
import { controlPlaneProgram } from './control-plane-program.ts';
import { runAsProcess } from './run-program.ts';

await runAsProcess(controlPlaneProgram);
