// The house's walls: every import of every source file is held against test/architecture.data.ts, which says why.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentRules, folderRules, packageRules } from './architecture.data.ts';

const root = join(import.meta.dirname, '..');
const roofs = ['api', 'machinery', 'control-plane', 'agent', 'provisioning', 'electron', 'renderer', 'cli'];

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => /\.(ts|vue)$/.test(path) && !/\.test\.ts$/.test(path) && !path.includes('node_modules'));
}

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

const sources: readonly Source[] = roofs.flatMap(sourceFiles).map((path) => {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? '');
  return { path, text, imports };
});

/** The repository path that a relative import names; undefined for a package. */
function targetOf(source: Source, specifier: string): string | undefined {
  return specifier.startsWith('.') ? relative(root, join(root, dirname(source.path), specifier)) : undefined;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

describe('the walls of the house', () => {
  for (const rule of folderRules) {
    it(`${rule.folder} imports only ${['itself', ...rule.mayImport].join(', ')}: ${rule.why}`, () => {
      const own = rule.folder.split('/')[0] ?? '';
      const strays = sources
        .filter((source) => source.path.startsWith(`${rule.folder}/`))
        .flatMap((source) =>
          source.imports
            .map((specifier) => targetOf(source, specifier))
            .filter((target) => target !== undefined)
            .filter((target) => ![own, ...rule.mayImport].includes(target.split('/')[0] ?? ''))
            .filter((target) => target.includes('/'))
            .map((target) => `${source.path} → ${target}`),
        );
      expect(strays).toEqual([]);
    });
  }

  for (const rule of packageRules) {
    it(`only ${rule.only.join(', ')} imports ${rule.package.source}: ${rule.why}`, () => {
      const strays = sources
        .filter((source) => !rule.only.some((prefix) => source.path.startsWith(prefix)))
        .filter((source) => source.imports.some((specifier) => rule.package.test(packageOf(specifier))))
        .map((source) => source.path);
      expect(strays).toEqual([]);
    });
  }

  for (const rule of contentRules) {
    it(`${rule.pattern.source} stays at home: ${rule.why}`, () => {
      const strays = sources
        .filter(
          (source) => !rule.except.some((prefix) => source.path.startsWith(prefix)) && rule.pattern.test(source.text),
        )
        .map((source) => source.path);
      expect(strays).toEqual([]);
    });
  }

  it('api and renderer import nothing of Node: they run in a browser', () => {
    const strays = sources
      .filter((source) => /^(api|renderer)\//.test(source.path) && !/config\.ts$/.test(source.path))
      .filter((source) => source.imports.some((specifier) => specifier.startsWith('node:')))
      .map((source) => source.path);
    expect(strays).toEqual([]);
  });

  it('electron/services imports no electron: both shells serve it', () => {
    const strays = sources.filter(
      (source) => source.path.startsWith('electron/services/') && source.imports.includes('electron'),
    );
    expect(strays.map((source) => source.path)).toEqual([]);
  });
});
