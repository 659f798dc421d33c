// The sample web application: Debian's busybox serving a page that names the pod, as a docker-archive. Made here
// because no registry can be counted on; equal inputs give equal bytes.
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { cacheDir } from '../paths.ts';
import { writeArchive } from './archive.ts';
import { fetchBusybox, type ImageFile } from './busybox.ts';

/** What a Deployment names to run the sample. */
export const sampleImageReference = 'pilothouse.local/sample-web:1';

/** The port it serves on. */
export const sampleImagePort = 8080;

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

/** The archive's path; built once and kept in the cache. Fetches Debian's busybox with apt when it is not built yet. */
export async function buildSampleImage(
  options: { readonly cacheDir?: string; readonly signal?: AbortSignal } = {},
): Promise<string> {
  const id = createHash('sha256').update(page).update(serve).update(applets.join()).digest('hex').slice(0, 16);
  const path = join(cacheDir(options.cacheDir), 'images', `sample-web-${id}.tar`);
  if (existsSync(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const archive = writeArchive({
    reference: sampleImageReference,
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    layers: [await layer(await fetchBusybox(options.signal))],
    config: { Cmd: ['/serve'], Env: ['PATH=/bin'], ExposedPorts: { [`${sampleImagePort}/tcp`]: {} } },
  });
  const unfinished = `${path}.${process.pid}`;
  await pipeline(Readable.from(archive, { objectMode: false }), createWriteStream(unfinished));
  await rename(unfinished, path);
  return path;
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

/** These folders with all that lead to them, outermost first. */
function foldersAbove(folders: ReadonlySet<string>): string[] {
  const all = new Set<string>();
  for (const folder of folders) {
    const parts = folder.split('/');
    parts.forEach((_, index) => all.add(parts.slice(0, index + 1).join('/')));
  }
  return [...all].sort();
}

async function layer(files: readonly ImageFile[]): Promise<Buffer> {
  const tar = pack();
  const mtime = new Date(0);
  for (const name of ['bin/', 'tmp/', 'www/', 'www/cgi-bin/', 'etc/', 'proc/', 'sys/', 'dev/']) {
    tar.entry({ name, type: 'directory', mode: name === 'tmp/' ? 0o1777 : 0o755, mtime });
  }
  const folders = new Set(files.map((file) => dirname(file.path)).filter((folder) => folder !== 'bin'));
  for (const folder of foldersAbove(folders)) tar.entry({ name: `${folder}/`, type: 'directory', mode: 0o755, mtime });
  for (const { path, content } of files) tar.entry({ name: path, mode: 0o755, mtime }, content);
  for (const applet of applets) tar.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox', mtime });
  tar.entry({ name: 'etc/passwd', mtime }, 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  tar.entry({ name: 'etc/group', mtime }, 'root:x:0:\nnogroup:x:65534:\n');
  tar.entry({ name: 'serve', mode: 0o755, mtime }, serve);
  tar.entry({ name: 'www/cgi-bin/index.cgi', mode: 0o755, mtime }, page);
  tar.finalize();
  return buffer(Readable.from(tar, { objectMode: false }));
}
