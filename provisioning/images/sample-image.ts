// The sample web application: Debian's static busybox serving a page that names the pod, as a docker-archive. Made here
// because no registry can be counted on; equal inputs give equal bytes.
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { cacheDir } from '../paths.ts';
import { writeArchive } from './archive.ts';

/** What a Deployment names to run the sample. */
export const sampleImageReference = 'pilothouse.local/sample-web:1';

/** The port it serves on. */
export const sampleImagePort = 8080;

const busyboxPaths = ['/bin/busybox', '/usr/bin/busybox'];

const page = `#!/bin/sh
printf 'Content-Type: text/html; charset=utf-8\\r\\n\\r\\n'
cat <<END
<!doctype html><title>Pilothouse sample</title>
<h1>Hello from $(hostname)</h1>
<p>node \${NODE_NAME:-unknown}, served at $(date -u +%FT%TZ)</p>
END
`;

/** As the first process, httpd alone would ignore SIGTERM. */
const serve = `#!/bin/sh
echo "serving on port ${sampleImagePort}"
httpd -f -v -p ${sampleImagePort} -h /www 2>&1 &
child=$!
trap 'kill "$child"; exit 0' TERM INT
wait "$child"
`;

/** The archive's path; built once and kept in the cache. Needs the package busybox-static on this computer. */
export async function buildSampleImage(options: { readonly cacheDir?: string } = {}): Promise<string> {
  const busyboxPath = busyboxPaths.find((path) => existsSync(path));
  const busybox = busyboxPath === undefined ? undefined : await readFile(busyboxPath);
  if (busybox === undefined || !isStatic(busybox)) {
    throw new ProvisioningError(
      'ToolMissing',
      text('lab.toolMissing', { tools: 'busybox-static' }),
      text('lab.toolMissing.remedy', { packages: 'busybox-static' }),
    );
  }
  const id = createHash('sha256').update(busybox).update(page).update(serve).digest('hex').slice(0, 16);
  const path = join(cacheDir(options.cacheDir), 'images', `sample-web-${id}.tar`);
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const archive = writeArchive({
    reference: sampleImageReference,
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    layers: [await layer(busybox)],
    config: { Cmd: ['/serve'], Env: ['PATH=/bin'], ExposedPorts: { [`${sampleImagePort}/tcp`]: {} } },
  });
  const unfinished = `${path}.${process.pid}`;
  await pipeline(Readable.from(archive, { objectMode: false }), createWriteStream(unfinished));
  await rename(unfinished, path);
  return path;
}

/** An ELF file without an interpreter needs no libraries. */
function isStatic(binary: Buffer): boolean {
  return !binary.subarray(0, 4096).includes('ld-linux');
}

const applets = [
  'sh',
  'httpd',
  'hostname',
  'date',
  'cat',
  'ls',
  'ps',
  'wget',
  'nslookup',
  'sleep',
  'echo',
  'env',
  'ip',
  'nc',
  'vi',
  'top',
  'id',
  'kill',
  'mount',
  'head',
  'tail',
  'grep',
  'true',
  'false',
  'touch',
  'mkdir',
  'rm',
  'dd',
  'seq',
  'stat',
  'tee',
  'test',
  'od',
  'printf',
  'stty',
  'tty',
  'xargs',
  'sha256sum',
  'cut',
  'tr',
  'sort',
  'wc',
  'find',
  'ping',
  'traceroute',
  'du',
  'df',
  'uname',
  'whoami',
  'chmod',
  'chown',
  'cp',
  'mv',
  'ln',
  'sed',
  'awk',
  'tar',
  'pwd',
  'timeout',
  'yes',
];

async function layer(busybox: Buffer): Promise<Buffer> {
  const tar = pack();
  const mtime = new Date(0);
  for (const name of ['bin/', 'tmp/', 'www/', 'www/cgi-bin/', 'etc/', 'proc/', 'sys/', 'dev/']) {
    tar.entry({ name, type: 'directory', mode: name === 'tmp/' ? 0o1777 : 0o755, mtime });
  }
  tar.entry({ name: 'bin/busybox', mode: 0o755, mtime }, busybox);
  for (const applet of applets) tar.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox', mtime });
  tar.entry({ name: 'etc/passwd', mtime }, 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  tar.entry({ name: 'etc/group', mtime }, 'root:x:0:\nnogroup:x:65534:\n');
  tar.entry({ name: 'serve', mode: 0o755, mtime }, serve);
  tar.entry({ name: 'www/cgi-bin/index.cgi', mode: 0o755, mtime }, page);
  tar.finalize();
  return buffer(Readable.from(tar, { objectMode: false }));
}
