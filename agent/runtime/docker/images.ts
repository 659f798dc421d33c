// Images of the Docker Engine: found, pulled, listed, removed. A pull rejects with the registry's own words.
import type { ImageStore, RegistryCredentials, RuntimeImage } from '../container-runtime.ts';
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
    async pull(reference, { credentials, signal }) {
      const wanted = withTag(reference);
      const options = { ...(credentials !== undefined && { authconfig: authOf(credentials) }), abortSignal: signal };
      const progress = (await ask(() => engine.pull(wanted, options))) as NodeJS.ReadableStream;
      await pullEnd(engine, progress);
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

function pullEnd(engine: Engine, progress: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    engine.modem.followProgress(progress, (error: Error | null, lines: { error?: string }[] | null) => {
      const refused = error?.message ?? lines?.find((line) => line.error !== undefined)?.error;
      if (refused === undefined) resolve();
      else reject(new RuntimeRefusal(refused, 500, { cause: error ?? undefined }));
    });
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
