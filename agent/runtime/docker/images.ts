// Images of the Docker Engine: found, pulled, listed, removed. A pull rejects with the registry's own words.
import type { ImageStore, PullOptions, RegistryCredentials, RuntimeImage } from '../container-runtime.ts';
import { RuntimeRefusal } from '../container-runtime.ts';
import type { Engine, ImageInspection } from './engine.ts';
import { ask, askUnless } from './engine.ts';
import { withTag } from '../image-reference.ts';
import { mountImage } from './image-mount.ts';

export function createImageStore(engine: Engine): ImageStore {
  const find = async (reference: string): Promise<RuntimeImage | undefined> => {
    const inspection = await askUnless([404], () => engine.getImage(withTag(reference)).inspect());
    return inspection === undefined ? undefined : imageFrom(inspection);
  };
  return {
    find,
    async pull(reference, { credentials, signal, onProgress }) {
      const wanted = withTag(reference);
      const options = { ...(credentials !== undefined && { authconfig: authOf(credentials) }), abortSignal: signal };
      const progress = (await ask(() => engine.pull(wanted, options))) as NodeJS.ReadableStream;
      await pullEnd(engine, progress, onProgress);
      const image = await find(wanted);
      if (image === undefined) throw new RuntimeRefusal(`${wanted} was pulled but is not here`, 404);
      return image;
    },
    async list() {
      const images = await ask((abortSignal) => engine.listImages({ abortSignal }));
      return images.map((image) => ({
        id: image.Id,
        tags: (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>'),
        digests: (image.RepoDigests ?? []).filter((digest) => !digest.startsWith('<none>')),
        sizeBytes: image.Size,
        user: '',
      }));
    },
    mount: (id, target) => mountImage(engine, id, target),
    async remove(id) {
      await askUnless([404], (abortSignal) => engine.getImage(id).remove({ force: true, abortSignal }));
    },
  };
}

interface PullLine {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

function pullEnd(
  engine: Engine,
  progress: NodeJS.ReadableStream,
  onProgress: PullOptions['onProgress'] = () => undefined,
): Promise<void> {
  const layers = new Map<string, { done: number; total: number }>();
  const follow = ({ id, status, progressDetail }: PullLine): void => {
    if (id === undefined || status !== 'Downloading' || progressDetail?.total === undefined) return;
    layers.set(id, { done: progressDetail.current ?? 0, total: progressDetail.total });
    const all = [...layers.values()];
    const sum = (part: 'done' | 'total'): number => all.reduce((so, layer) => so + layer[part], 0);
    onProgress(sum('done'), sum('total'));
  };
  return new Promise((resolve, reject) => {
    const finish = (error: Error | null, lines: PullLine[] | null): void => {
      const refused = error?.message ?? lines?.find((line) => line.error !== undefined)?.error;
      if (refused === undefined) resolve();
      else reject(new RuntimeRefusal(refused, 500, { cause: error ?? undefined }));
    };
    engine.modem.followProgress(progress, finish, follow);
  });
}

function imageFrom(inspection: ImageInspection): RuntimeImage {
  return {
    id: inspection.Id,
    tags: inspection.RepoTags ?? [],
    digests: inspection.RepoDigests ?? [],
    sizeBytes: inspection.Size,
    user: inspection.Config.User,
    volumes: Object.keys((inspection.Config as { Volumes?: object | null }).Volumes ?? {}),
    environment: (inspection.Config as { Env?: readonly string[] | null }).Env ?? [],
  };
}

function authOf(credentials: RegistryCredentials): Record<string, string> {
  return {
    ...(credentials.username !== undefined && { username: credentials.username }),
    ...(credentials.password !== undefined && { password: credentials.password }),
    ...(credentials.identityToken !== undefined && { identitytoken: credentials.identityToken }),
    ...(credentials.serverAddress !== undefined && { serveraddress: credentials.serverAddress }),
  };
}
