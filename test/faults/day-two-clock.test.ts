// Day two with every console closed, on the shared lab: certificates renewed and authorities rotated under a watch that
// never drops, backups by schedule, alerts that arrive, and a support bundle that tells no secret.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CertificateList, SupportBundle } from '../../provisioning/index.ts';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { runCliJson } from '../support/cli.ts';
import { requires } from '../support/requirements.ts';
import { sharedLab, type SharedLab } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

requires(
  'lab',
  'docker',
  'etcd',
)('day two of a cluster', () => {
  let lab: SharedLab;
  let folder: string;
  const passphrase = 'a passphrase for day two';
  const cli = <T>(...args: string[]): Promise<T> =>
    runCliJson<T>([...args, '--cluster', lab.status.name], {
      PILOTHOUSE_HOME: lab.home,
      PILOTHOUSE_PASSPHRASE: passphrase,
    });
  const client = () =>
    createRestClient({ transport: createHttpsTransport(clusterOf(loadKubeconfig(lab.kubeconfigPath))) });
  const pidsOf = async (): Promise<string> => {
    const pids = [lab.master, ...lab.workers].map((machine) =>
      lab.ssh(machine, 'systemctl show -P MainPID pilothouse-control-plane pilothouse-agent'),
    );
    return (await Promise.all(pids)).join();
  };

  beforeAll(async () => {
    lab = await sharedLab();
    folder = mkdtempSync(join(tmpdir(), 'pilothouse-day-two-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('renews every certificate and rotates the authorities; no process restarts and no watch drops', async () => {
    const watcher = client();
    const seen: string[] = [];
    let ended = false;
    const response = await watcher.request({ method: 'GET', path: configMaps, query: { watch: 'true' } });
    const watching = (async () => {
      for await (const chunk of response.body) seen.push(Buffer.from(chunk).toString('utf8'));
      ended = true;
    })().catch(() => {
      ended = true;
    });
    const put = async (name: string): Promise<void> => {
      const writer = client();
      const body = JSON.stringify({ metadata: { name } });
      const headers = { 'content-type': 'application/json' };
      const { status } = await writer.request({ method: 'POST', path: configMaps, headers, body });
      writer.close();
      expect(status).toBe(201);
      await until(`the watch to tell of ${name}`, () => seen.join('').includes(`"${name}"`));
    };
    const serialsOf = async (): Promise<CertificateList> => cli<CertificateList>('certificates', 'list');
    const [before, pids] = [await serialsOf(), await pidsOf()];
    expect(before.certificates.length).toBeGreaterThan(15);
    await put('before-renewal');
    await cli('certificates', 'renew');
    await put('after-renewal');
    await cli('certificates', 'rotate-authority', '--yes');
    await put('after-rotation');
    const after = await serialsOf();
    const startOf = ({ certificates }: CertificateList): number =>
      Math.min(...certificates.filter(({ machine }) => machine !== 'console').map(({ notBeforeMs }) => notBeforeMs));
    expect(startOf(after)).toBeGreaterThan(
      Math.max(...before.certificates.map(({ notBeforeMs }) => notBeforeMs)) - 1000,
    );
    expect(await pidsOf()).toBe(pids);
    expect(ended).toBe(false);
    watcher.close();
    await watching;
  });

  it('makes backups by schedule on the master, proved', async () => {
    await cli('backup', 'schedule', '--cron', '* * * * *', '--keep', '2');
    await until(
      'a proved backup',
      async () => {
        const { status } = await cli<{ status: { lastProvedAt?: string; error?: string }[] }>('backup', 'schedule');
        if (status[0]?.error !== undefined) throw new Error(status[0].error);
        return status[0]?.lastProvedAt !== undefined;
      },
      120_000,
      2_000,
    );
    const at = `machine:${lab.master.name}`;
    const { backups } = await cli<{ backups: { name: string; proof?: object }[] }>('backup', 'list', '--at', at);
    expect(backups[0]?.proof).toBeDefined();
    await cli('backup', 'prove', backups[0]?.name ?? '', '--at', at);
    await cli('backup', 'schedule', '--off');
  });

  it('sends alerts that are asked for, and tells no secret in a support bundle', async () => {
    const calls: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        calls.push(body);
        response.end();
      });
    });
    const prefix = lab.master.address.split('.').slice(0, 3).join('.');
    const host = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ address }) => address.startsWith(`${prefix}.`))?.address;
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    try {
      const url = `http://${host ?? ''}:${(server.address() as AddressInfo).port}/hook`;
      const settings = join(folder, 'alerts.yaml');
      writeFileSync(settings, JSON.stringify({ webhooks: [{ url, secret: 'HOOK-SECRET-VALUE' }], language: 'en' }));
      await cli('alerts', 'set', '--settings', settings);
      await cli('alerts', 'test');
      await until('the message', () => calls.some((body) => body.includes('"state":"test"')), 60_000);
      const bundle = await cli<SupportBundle>('support-bundle', '-o', join(folder, 'support.tar.gz'));
      expect(bundle.unreachable).toEqual([]);
      const text = gunzipSync(readFileSync(bundle.path)).toString('latin1');
      expect(text).toContain('pilothouse-control-plane');
      const key = readFileSync(join(lab.home, 'clusters', lab.status.name, 'pki/ca.key'), 'utf8').split('\n')[1] ?? '?';
      for (const secret of ['HOOK-SECRET-VALUE', 'PRIVATE KEY', passphrase, key, 'client-key-data: LS0'])
        expect(text, secret).not.toContain(secret);
      await cli('alerts', 'off');
    } finally {
      server.close();
    }
  });
});
