// What /version answers: the Kubernetes API that is served, and that it is Pilothouse that serves it.
import { kubernetesVersion } from '../../machinery/kubernetes-version.ts';

/** The version document. */
export const versionDocument = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: kubernetesVersion,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-11-23T00:00:00Z',
  goVersion: '',
  compiler: 'pilothouse',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
} as const;
