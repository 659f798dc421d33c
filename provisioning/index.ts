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
export { deprovision, type DeprovisionOptions, provision } from './provision.ts';
export { type LockHolder, readLock } from './run/cluster-lock.ts';
export { runPlan } from './run/run-plan.ts';
export { loadImage } from './images/load-image.ts';
export { buildSampleImage, sampleImageReference } from './images/sample-image.ts';
export { labDown, labStatus, labUp } from './machines/lab.ts';
export { createMachineSpec } from './cluster-file.ts';
export { addMachines } from './nodes/add-machines.ts';
export { labelMachine, parseLabels, parseTaint, taintMachine } from './nodes/labels.ts';
export { cordonMachine, drainMachine, type NodeOptions, previewMachineDrain, rebootMachine } from './nodes/reboot.ts';
export { drainNode } from './nodes/drain.ts';
export type { DrainPreview, DrainResult } from './nodes/drain.ts';
export { deadManMarginSeconds, drillMachine, endDrill } from './drill/drill-machine.ts';
export type { DrillOptions, MachineDrill } from './drill/drill-machine.ts';
export type { MachineBreak } from './drill/machine-break.ts';
export { replaceMachine } from './nodes/replace-machine.ts';
export { planUpgrade } from './upgrade/plan-upgrade.ts';
export type { UpgradePlan } from './upgrade/plan-upgrade.ts';
export { upgradeCluster } from './upgrade/upgrade-cluster.ts';
export type { UpgradeOptions, UpgradeResult } from './upgrade/upgrade-cluster.ts';
export { removeMachine } from './remove-machine.ts';
export type { RemoveOptions } from './remove-machine.ts';
export { createBundle, defaultBundlePath } from './bundle/create-bundle.ts';
export type { CreateBundleOptions, CreatedBundle } from './bundle/create-bundle.ts';
export type { BundleManifest } from './bundle/manifest.ts';
export { openBundle, verifyBundle } from './bundle/open-bundle.ts';
export { programsVersion } from './bundle/programs.ts';
export { createBackup, deleteBackup, listBackups, proveBackup } from './backup/backups.ts';
export type { BackupOptions, CreateBackupOptions } from './backup/backups.ts';
export { ensureRecoveryKey, readRecoveryKey } from './backup/key-file.ts';
export { parsePlace } from './backup/place.ts';
export type { BackupPlace, S3Access } from './backup/place.ts';
export { assessQuorum } from './recovery/assess.ts';
export type { MasterAssessment, QuorumAssessment, QuorumState } from './recovery/assess.ts';
export { recoverQuorum } from './recovery/recover-quorum.ts';
export type { RecoverOptions, RecoverResult } from './recovery/recover-quorum.ts';
export { restoreCluster, undoRestore } from './recovery/restore-cluster.ts';
export type { RestoreOptions, RestoreResult } from './recovery/restore-cluster.ts';
export { readBackupSchedule, removeBackupSchedule, setBackupSchedule } from './backup/schedule.ts';
export type { BackupSchedule, ScheduledPlace, ScheduleStatus, SetScheduleOptions } from './backup/schedule.ts';
export { newPassphrase } from '../machinery/backup/index.ts';
export { parseSshConfig, userSshConfig } from './transport/ssh-config.ts';
export { readAudit, verifyAudit } from './audit/verify-audit.ts';
export type { AuditFault, AuditVerdict } from './audit/verify-audit.ts';
export { listCertificates } from './certificates/list.ts';
export type { CertificateInfo, CertificateList } from './certificates/list.ts';
export { renewCertificates, rotateAuthorities } from './certificates/rotate.ts';
export type { RotationResult } from './certificates/rotate.ts';
export { readAlerts, removeAlerts, setAlerts, testAlerts } from './alerts/alert-settings.ts';
export type { ActiveAlert, AlertSettings } from './alerts/alert-settings.ts';
export { createSupportBundle } from './support/support-bundle.ts';
export type { SupportBundle, SupportBundleOptions } from './support/support-bundle.ts';
export {
  hasSecrets,
  openSealedText,
  sealCredentials,
  sealText,
  withSealedCredentials,
} from './transport/credentials-file.ts';
export { elsewhere, formatBlueprint, readBlueprint } from './blueprint/blueprint.ts';
export type { Blueprint } from './blueprint/blueprint.ts';
export type { Drift } from './blueprint/drift.ts';
export { findDrift, reconcile } from './blueprint/reconcile.ts';
export { signingKey } from './bundle/signature.ts';
export type { VirtualMachine, VirtualMachineSpec, VirtualMachinesSpec } from './machines/hypervisor/contract.ts';
export { readMachinesFile } from './machines/hypervisor/machines-file.ts';
export {
  createVms,
  dropVmSnapshots,
  listVms,
  machineOfVm,
  removeVms,
  revertVms,
  snapshotVms,
  startVms,
  stopVms,
} from './machines/hypervisor/virtual-machines.ts';
export { rememberMachinesFile } from './machines/hypervisor/upgrade-snapshots.ts';
export type { SnapshotChoice } from './machines/hypervisor/upgrade-snapshots.ts';
export type { VmOptions } from './machines/hypervisor/virtual-machines.ts';
