// `pilothouse doctor`: what is missing on this computer, with the remedy.
import type { Command } from 'commander';
import { examineComputer } from '../doctor.ts';
import { printJson, printLine } from '../output.ts';
import { root } from '../root.ts';

/** Adds `doctor` to the program. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('say what is missing on this computer, with the remedy')
    .option('--json', 'print one JSON document on stdout')
    .action((options: { json?: boolean }) => {
      const findings = examineComputer(root);
      if (options.json === true) {
        printJson({ findings });
      } else {
        for (const finding of findings) {
          printLine(`${finding.found ? '✔' : '✘'} ${finding.id.padEnd(10)} ${finding.detail}`);
          if (!finding.found)
            printLine(`    needed for: ${finding.neededFor}\n    next step:  ${finding.remedy ?? ''}`);
        }
      }
      process.exitCode = findings.every((finding) => finding.found || !['node'].includes(finding.id)) ? 0 : 1;
    });
}
