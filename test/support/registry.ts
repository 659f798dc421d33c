// A registry of images for a test: Debian's docker-registry, on loopback, for those who log in. It ends with the test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { until } from './until.ts';

export const registryUser = 'puller';
export const registryPassword = 'let me pull';
/** bcrypt, the only hash that docker-registry takes, of the password. */
const passwordHash = '$2b$05$FaHT9XzpjMiTtmBE/DSdq.4JFzgwtJ5G86pAsf/Q5TOcbRdwDK7hG';

export interface TestRegistry {
  /** `host:port`, as references to its images begin. */
  readonly host: string;
  /** Puts an image that the Engine has there by `repository:tag`; answers the reference by tag, the digest and the id. */
  push(docker: Docker, image: string, target: string): Promise<{ reference: string; digest: string; id: string }>;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function startRegistry(): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-registry-'));
  // An Engine takes plain HTTP from a registry on loopback.
  const host = `127.0.0.1:${await freePort()}`;
  await writeFile(join(folder, 'htpasswd'), `${registryUser}:${passwordHash}\n`);
  const configuration = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: host, secret: 'only for this test' },
    auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } },
  };
  await writeFile(join(folder, 'config.yml'), JSON.stringify(configuration));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const registry: TestRegistry = {
    host,
    async push(docker, image, target) {
      const [repository = '', tag = ''] = target.split(':');
      const repo = `${host}/${repository}`;
      await docker.getImage(image).tag({ repo, tag });
      const authconfig = { username: registryUser, password: registryPassword, serveraddress: host };
      const progress = await docker.getImage(`${repo}:${tag}`).push({ authconfig, tag });
      let digest: string | undefined;
      await new Promise<void>((resolve, reject) => {
        const finish = (error: Error | null): void => (error ? reject(error) : resolve());
        docker.modem.followProgress(progress, finish, (line: { error?: string; aux?: { Digest?: string } }) => {
          if (line.error !== undefined) reject(new Error(line.error));
          digest = line.aux?.Digest ?? digest;
        });
      });
      const { Id: id } = await docker.getImage(image).inspect();
      await docker.getImage(`${repo}:${tag}`).remove();
      return { reference: `${repo}:${tag}`, digest: digest ?? '', id };
    },
    async close() {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await until('the registry', async () => (await fetch(`http://${host}/v2/`)).status === 401);
  } catch (error) {
    await registry.close();
    throw error;
  }
  return registry;
}
