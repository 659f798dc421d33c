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
