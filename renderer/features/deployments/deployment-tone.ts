// The tone of each state of a Deployment.
import type { DeploymentState, Tone } from '../../../api/console/index.ts';

export const deploymentTone: Readonly<Record<DeploymentState, Tone>> = {
  available: 'good',
  progressing: 'busy',
  degraded: 'warn',
  failed: 'bad',
  paused: 'idle',
  scaledDown: 'idle',
};
