// What the README promises a newcomer is true: its cluster file is accepted, its commands and links exist.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensurePki } from '../machinery/pki/index.ts';
import { readClusterFile } from '../provisioning/index.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe.each(['README.md', 'README.zh-CN.md'])('%s', (file) => {
  const text = read(file);

  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/npm (?:run )?([a-z][a-z:]*)/g)].map((match) => match[1] ?? '');
    const missing = named.filter(
      (name) => !['ci', 'registry', 'test', 'start'].includes(name) && scripts[name] === undefined,
    );
    expect(missing.filter((name) => text.includes(`npm run ${name}`))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  });

  const [example = '', site = '', external = ''] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, yaml]) => yaml,
  );

  it('shows a cluster file that is accepted', () => {
    const spec = readClusterFile(example);
    expect(spec.machines.map((machine) => machine.role)).toEqual(['master', 'node', 'node']);
  });

  it('shows an existing etcd that is accepted beside it', () => {
    const { etcd } = readClusterFile(example + external).settings;
    expect(etcd?.external.endpoints).toHaveLength(3);
  });

  it('shows settings of a site that are accepted beside it, once the authority is there', async () => {
    expect(() => readClusterFile(example + site)).toThrow(/office-ca\.pem/);
    const folder = await mkdtemp(join(tmpdir(), 'pilothouse-readme-'));
    try {
      const { ca } = await ensurePki(folder, { apiServerSans: [] });
      await writeFile(join(folder, 'office-ca.pem'), ca.cert);
      const spec = readClusterFile(example + site, { baseDir: folder });
      expect(spec.settings.site).toMatchObject({ noProxy: ['.office.example'] });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
