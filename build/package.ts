// `npm run package`: a desktop program for this system, by electron-builder. Electron's binary is not in the npm
// registry: where it cannot be fetched this says so, and what to set. `--dir` stops at the unpacked program.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build as electronBuild, Platform } from 'electron-builder';
import { packagingConfiguration } from './electron-builder.ts';

const root = join(import.meta.dirname, '..');
const electronDist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(root, 'node_modules/electron/dist');

if (!existsSync(join(electronDist, 'version')) && !existsSync(join(electronDist, 'electron'))) {
  process.stderr.write(
    [
      `Electron's binary is not at ${electronDist}: it does not come from the npm registry.`,
      'Next step: where the outside can be reached, run `node node_modules/electron/install.js`;',
      'elsewhere unpack the Electron release for this system by hand and set',
      '  ELECTRON_OVERRIDE_DIST_PATH=/path/to/electron-dist npm run package',
      '',
    ].join('\n'),
  );
  process.exit(1);
}
const dirOnly = process.argv.includes('--dir');
const paths = await electronBuild({
  projectDir: root,
  targets: Platform.current().createTarget(dirOnly ? 'dir' : undefined),
  config: packagingConfiguration(electronDist, process.env['PILOTHOUSE_PACKAGE_OUT'] ?? 'out'),
});
process.stdout.write(`${paths.length === 0 ? 'unpacked into out/' : paths.join('\n')}\n`);
