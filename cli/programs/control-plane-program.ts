// The control plane as a program: the flags of control-plane/flags.ts, run until a signal.
import { type ControlPlaneOptions, parseControlPlaneFlags } from '../../control-plane/flags.ts';
import { runControlPlane } from '../../control-plane/main.ts';
import type { Program } from './run-program.ts';

export const controlPlaneProgram: Program<ControlPlaneOptions> = {
  name: 'control-plane',
  parse: parseControlPlaneFlags,
  run: (options, signal) =>
    runControlPlane(
      {
        onReady: (info) => {
          process.stderr.write(
            `control plane ready at ${info.url}${info.kubeconfigPath === undefined ? '' : `, kubeconfig ${info.kubeconfigPath}`}\n`,
          );
        },
        ...options,
      },
      signal,
    ),
};
