// The `pilothouse` command: the same services as the console, without a window.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { addAuditCommand } from './commands/audit.ts';
import { addAlertsCommand } from './commands/alerts.ts';
import { addBackupCommand } from './commands/backup.ts';
import { addBlueprintCommand } from './commands/blueprint.ts';
import { addBundleCommand } from './commands/bundle.ts';
import { addCertificatesCommand } from './commands/certificates.ts';
import { addConsoleCommand } from './commands/console.ts';
import { addDrillCommand } from './commands/drill.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addImageCommand } from './commands/image.ts';
import { addLabCommand } from './commands/lab.ts';
import { addMachineCommand } from './commands/machine.ts';
import { addProgramCommands } from './commands/programs.ts';
import { addProvisionCommands } from './commands/provision.ts';
import { addRecoverCommand } from './commands/recover.ts';
import { addRestoreCommand } from './commands/restore.ts';
import { addStartCommand } from './commands/start.ts';
import { addTrailCommand } from './commands/trail.ts';
import { addUpgradeCommand } from './commands/upgrade.ts';
import { addSupportBundleCommand } from './commands/support-bundle.ts';
import { addVmCommand } from './commands/vm.ts';
import { printFailure } from './output.ts';
import { root } from './root.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const program = new Command('pilothouse')
  .description('Turn bare machines into a Kubernetes cluster, and run it.')
  .version(version)
  .showHelpAfterError('(see --help)')
  .exitOverride((error) => {
    // commander's own endings: 0 for help and version, 2 for bad usage.
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

addLabCommand(program);
addProvisionCommands(program);
addAuditCommand(program);
addTrailCommand(program);
addBlueprintCommand(program);
addBundleCommand(program);
addBackupCommand(program);
addRestoreCommand(program);
addRecoverCommand(program);
addCertificatesCommand(program);
addAlertsCommand(program);
addSupportBundleCommand(program);
addMachineCommand(program);
addDrillCommand(program);
addImageCommand(program);
addProgramCommands(program);
addConsoleCommand(program);
addDoctorCommand(program);
addStartCommand(program);
addUpgradeCommand(program);
addVmCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = printFailure(error);
}
