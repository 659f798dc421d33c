// docker-archive tar files: what they contain, and how to write one from layers.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { text as readText } from 'node:stream/consumers';
import { extract, pack, type Pack } from 'tar-stream';

/** The references (`name:tag`) that `docker load` of this archive brings. */
export async function archiveReferences(path: string): Promise<string[]> {
  const archive = createReadStream(path).pipe(extract());
  for await (const entry of archive) {
    if (entry.header.name !== 'manifest.json') {
      entry.resume();
      continue;
    }
    const manifest = JSON.parse(await readText(entry)) as readonly { readonly RepoTags?: readonly string[] }[];
    return manifest.flatMap((image) => image.RepoTags ?? []);
  }
  return [];
}

/** One image to write: its layers are uncompressed tar files, lowest first. */
export interface ImageContent {
  readonly reference: string;
  readonly architecture: string;
  readonly layers: readonly Uint8Array[];
  readonly config: {
    readonly Cmd?: readonly string[];
    readonly Env?: readonly string[];
    readonly ExposedPorts?: Readonly<Record<string, object>>;
    readonly WorkingDir?: string;
  };
}

/** A docker-archive of `image`, in the form that `docker load` of every version since 1.10 reads. */
export function writeArchive(image: ImageContent): Pack {
  const layers = image.layers.map((content) => ({ content, digest: sha256(content) }));
  const config = JSON.stringify({
    architecture: image.architecture,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: image.config,
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${layer.digest}`) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'pilothouse' })),
  });
  const configName = `${sha256(Buffer.from(config))}.json`;
  const manifest = [
    { Config: configName, RepoTags: [image.reference], Layers: layers.map((layer) => `${layer.digest}/layer.tar`) },
  ];
  const archive = pack();
  archive.entry({ name: configName }, config);
  archive.entry({ name: 'manifest.json' }, JSON.stringify(manifest));
  for (const layer of layers) archive.entry({ name: `${layer.digest}/layer.tar` }, Buffer.from(layer.content));
  archive.finalize();
  return archive;
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
