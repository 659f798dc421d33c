import { expect, it } from 'vitest';
import type { Container } from '../../../api/kinds/core/index.ts';
import { createFakeClock } from '../../../machinery/clock.ts';
import type { ImageStore, PullOptions, RegistryCredentials, RuntimeImage } from '../../runtime/container-runtime.ts';
import { createImagePuller } from './image-puller.ts';

const imageOf = (id: string): RuntimeImage => ({
  id,
  tags: [],
  digests: [],
  sizeBytes: 7,
  user: '',
  volumes: [],
  environment: [],
});

/** Pulls wait until they are ended by hand. */
function open() {
  const clock = createFakeClock();
  const pulls: { reference: string; options: PullOptions; end: (error?: Error) => void }[] = [];
  const images = {
    find: () => Promise.resolve(undefined),
    pull: (reference: string, options: PullOptions) =>
      new Promise<RuntimeImage>((resolve, reject) => {
        const end = (error?: Error): void => (error ? reject(error) : resolve(imageOf(reference)));
        pulls.push({ reference, options, end });
      }),
  } as unknown as ImageStore;
  const puller = createImagePuller({ images, clock });
  const told: string[] = [];
  const ensure = (image: string, key = image, given: readonly RegistryCredentials[] = []): Promise<string> =>
    puller
      .ensure({
        container: { name: 'app', image, imagePullPolicy: 'Always' } as Container,
        key,
        credentials: () => Promise.resolve(given),
        onEvent: (_type, reason, message) => void told.push(`${reason}: ${message}`),
        signal: new AbortController().signal,
      })
      .then(
        ({ id }) => id,
        (error: Error & { reason?: string }) => `${error.reason}: ${error.message}`,
      );
  const begun = async (): Promise<string[]> => {
    await clock.advance(0);
    return pulls.map(({ reference }) => reference);
  };
  return { clock, pulls, told, ensure, begun };
}

it('pulls an image once for all who may have it alike, and for each account on its own', async () => {
  const { pulls, ensure, begun } = open();
  const mine = [{ username: 'me', password: 'right' }];
  const results = [ensure('a', '1', mine), ensure('a', '2', mine), ensure('a', '3')];
  expect(await begun()).toEqual(['a', 'a']);
  for (const { options, end } of pulls) end(options.credentials ? undefined : new Error('unauthorized'));
  expect(await Promise.all(results)).toEqual([
    'a',
    'a',
    'ErrImagePull: failed to pull image "a" for container app: unauthorized',
  ]);
});

it('pulls few at once; the next begins when one has ended, and says how long it waited', async () => {
  const { clock, pulls, told, ensure, begun } = open();
  const results = ['a', 'b', 'c', 'd', 'e'].map((image) => ensure(image));
  expect(await begun()).toEqual(['a', 'b', 'c', 'd']);
  await clock.advance(61_500);
  pulls[0]?.end();
  expect(await begun()).toEqual(['a', 'b', 'c', 'd', 'e']);
  await clock.advance(400);
  pulls.forEach(({ end }) => end());
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(told).toContain(
    'Pulled: Successfully pulled image "e" in 400ms (1m1.9s including waiting). Image size: 7 bytes.',
  );
});

it('tells how far a long pull has come, but not at every step', async () => {
  const { clock, pulls, told, ensure, begun } = open();
  const result = ensure('large');
  await begun();
  const { options, end } = pulls[0] ?? {};
  for (let done = 0; done < 100; done += 10) {
    options?.onProgress?.(done * 1e6, 100e6);
    await clock.advance(5_000);
  }
  end?.();
  await result;
  expect(told.filter((line) => line.includes('%'))).toEqual([
    'Pulling: Pulling image "large": 30 of 100 MB (30 %)',
    'Pulling: Pulling image "large": 60 of 100 MB (60 %)',
    'Pulling: Pulling image "large": 90 of 100 MB (90 %)',
  ]);
});

it('waits twice as long after each failure, and says so meanwhile', async () => {
  const { clock, pulls, told, ensure, begun } = open();
  for (const delayMs of [10_000, 20_000]) {
    const failing = ensure('gone');
    await begun();
    pulls.at(-1)?.end(new Error('not found'));
    expect(await failing).toContain('ErrImagePull');
    const before = pulls.length;
    await clock.advance(delayMs - 1);
    expect(await ensure('gone')).toBe('ImagePullBackOff: Back-off pulling image "gone": not found');
    expect(pulls).toHaveLength(before);
    await clock.advance(1);
  }
  expect(told).toContain('BackOff: Back-off pulling image "gone"');
});
