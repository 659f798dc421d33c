// The door to provisioning: everything the console's services and the CLI may use.
export type * from './contract.ts';
export {
  createClusterSpec,
  formatClusterFile,
  readClusterFile,
  withoutSecrets,
  ClusterFileError,
} from './cluster-file.ts';
export { ProvisioningError } from './errors.ts';
export { clusterPaths, homeDir } from './paths.ts';
export { planCluster } from './plan/plan-cluster.ts';
export { preflight } from './preflight/preflight.ts';
export { deprovision, provision } from './provision.ts';
export { runPlan } from './run/run-plan.ts';
export { loadImage } from './images/load-image.ts';
export { buildSampleImage, sampleImageReference } from './images/sample-image.ts';
export { labDown, labStatus, labUp } from './machines/lab.ts';
export { removeMachine } from './remove-machine.ts';
export type { RemoveOptions } from './remove-machine.ts';
export { createBundle, defaultBundlePath } from './bundle/create-bundle.ts';
export type { CreateBundleOptions, CreatedBundle } from './bundle/create-bundle.ts';
export type { BundleManifest } from './bundle/manifest.ts';
export { openBundle, verifyBundle } from './bundle/open-bundle.ts';
export { programsVersion } from './bundle/programs.ts';
