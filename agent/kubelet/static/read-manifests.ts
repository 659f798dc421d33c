// Reads a folder of pod manifests (YAML or JSON, one pod each). What cannot be read is told with its file's name; the
// others are not held up by it. Names that begin with a dot are left alone, for editors and half-written files.
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { staticPod } from './static-pod.ts';

export interface Manifest {
  readonly path: string;
  /** The pod, or why there is none. */
  readonly pod?: Pod;
  readonly problem?: string;
}

const largestBytes = 10 * 1024 * 1024;

/** All manifests of the folder, in the order of their names; none when there is no folder. */
export async function readManifests(folder: string, nodeName: string): Promise<Manifest[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const paths = names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => join(folder, name));
  const read = await Promise.all(paths.map((path) => readManifest(path, nodeName)));
  return read.filter((manifest) => manifest !== undefined);
}

async function readManifest(path: string, nodeName: string): Promise<Manifest | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return undefined;
    if (found.size > largestBytes) throw new Error(`it is larger than ${largestBytes} bytes`);
    const content = await readFile(path, 'utf8');
    return { path, pod: staticPod(await parsePod(content), path, content, nodeName) };
  } catch (error) {
    return { path, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The API's own rules hold for manifests too. They are loaded only where manifests are. */
async function parsePod(content: string): Promise<Pod> {
  const [{ parse }, { applyDefaults, decode, validateStructure }, { pods }] = await Promise.all([
    import('yaml'),
    import('../../../api/schema/index.ts'),
    import('../../../api/kinds/core/index.ts'),
  ]);
  const object = parse(content) as Pod | null;
  if (object?.kind !== 'Pod' || object.apiVersion !== 'v1') throw new Error('it is not a v1 Pod');
  if (typeof object.metadata?.name !== 'string') throw new Error('metadata.name is missing');
  const errors = decode(pods.schema, object);
  if (errors.length === 0) {
    applyDefaults(pods.schema, object);
    errors.push(...validateStructure(pods.schema, object), ...(pods.validate?.(object) ?? []));
  }
  if (errors.length > 0) throw new Error(errors.map(({ path, message }) => `${path}: ${message}`).join('; '));
  return object;
}
