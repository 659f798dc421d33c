import { describe, expect, it } from 'vitest';
import { formatKubeconfig } from '../../machinery/kubeconfig.ts';
import { createAuthority, issueCertificate, type KeyedCertificate } from '../../machinery/pki/index.ts';
import type { FoundFile, OwnedFile } from '../steps/files.ts';
import { unacceptable } from './accept.ts';

const folder = '/etc/pilothouse';
const ca = await createAuthority('kubernetes');
const other = await createAuthority('kubernetes');
const leaf = (authority: KeyedCertificate, sans: string[], days = 365): Promise<KeyedCertificate> =>
  issueCertificate(authority, { commonName: 'kube-apiserver', sans, usages: ['server'], days });

function owned(path: string, content: string): OwnedFile {
  return { path: `${folder}/${path}`, content, mode: path.endsWith('.crt') ? 0o644 : 0o600 };
}
function held({ path, content, mode }: OwnedFile): FoundFile {
  return {
    path,
    found: { mode: mode.toString(8), owner: '0:0', content: Buffer.from(content).toString('base64') },
  };
}
const filesOf = (authority: string, { cert, key }: KeyedCertificate): OwnedFile[] => [
  owned('pki/ca.crt', authority),
  owned('pki/apiserver.crt', cert),
  owned('pki/apiserver.key', key),
];
const names = (files: readonly OwnedFile[]): string[] => files.map(({ path }) => path.slice(folder.length + 1));

describe('what a machine holds', async () => {
  const wanted = filesOf(ca.cert, await leaf(ca, ['a']));

  it('is kept when the machine has renewed it', async () => {
    const renewed = filesOf(ca.cert, await leaf(ca, ['a', 'more']));
    expect(unacceptable(wanted, renewed.map(held))).toEqual([]);
  });

  it.each([
    ['another authority', () => leaf(other, ['a'])],
    ['a name missing', () => leaf(ca, ['b'])],
    ['its renewal due', () => leaf(ca, ['a'], 0.01)],
  ])('is replaced, with its key, for %s', async (_title, make) => {
    const present = filesOf(ca.cert, await make());
    expect(names(unacceptable(wanted, present.map(held)))).toEqual(['pki/apiserver.crt', 'pki/apiserver.key']);
  });

  it('is replaced when absent, of another mode, or no certificate', () => {
    const [authority, certificate, key] = wanted.map(held);
    expect(names(unacceptable(wanted, []))).toHaveLength(3);
    const open = { ...key, path: key?.path ?? '', found: key?.found && { ...key.found, mode: '644' } };
    expect(
      names(
        unacceptable(
          wanted,
          [authority, certificate, open].filter((file) => file !== undefined),
        ),
      ),
    ).toEqual(['pki/apiserver.key']);
    const broken = wanted.map((file) =>
      held({ ...file, content: file.path.endsWith('server.crt') ? 'x' : file.content }),
    );
    expect(names(unacceptable(wanted, broken))).toContain('pki/apiserver.crt');
  });

  it('is a kubeconfig of the same cluster with a renewed client certificate', async () => {
    const config = async (servers: string[], authority = ca): Promise<OwnedFile> => {
      const client = await issueCertificate(authority, { commonName: 'system:node:n', usages: ['client'] });
      return owned('agent.kubeconfig', formatKubeconfig('demo', { servers, ca: ca.cert, ...client }));
    };
    const should = [await config(['https://a'])];
    expect(unacceptable(should, [held(await config(['https://a']))])).toEqual([]);
    expect(unacceptable(should, [held(await config(['https://b']))])).toEqual(should);
    expect(unacceptable(should, [held(await config(['https://a'], other))])).toEqual(should);
  });
});
