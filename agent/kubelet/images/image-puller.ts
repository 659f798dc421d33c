// Sees to it that a container's image is on the machine, by its pull policy. One pull per image at a time, few at once;
// an image that fails waits longer and longer. Rejects with what the container's status should say.
import pLimit from 'p-limit';
import type { Container, EphemeralContainer } from '../../../api/kinds/core/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { ImageStore, RegistryCredentials, RuntimeImage } from '../../runtime/container-runtime.ts';

const pullsAtOnce = 4;
const firstDelayMs = 10_000;
const longestDelayMs = 300_000;

export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly reason: 'ErrImagePull' | 'ImagePullBackOff' | 'ErrImageNeverPull' | 'InvalidImageName' | 'ImageInspectError';
  readonly retryAfterMs: number;
  constructor(reason: ImageError['reason'], message: string, retryAfterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface PullRequest {
  readonly container: Container | EphemeralContainer;
  /** Failures count per key: the same image for the same pod. */
  readonly key: string;
  readonly credentials: () => Promise<readonly RegistryCredentials[]>;
  readonly onEvent: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  readonly signal: AbortSignal;
}

export interface ImagePuller {
  /** The image if policy lets the one on the machine be used. */
  present(container: Container | EphemeralContainer): Promise<RuntimeImage | undefined>;
  ensure(request: PullRequest): Promise<RuntimeImage>;
}

export function createImagePuller({ images, clock }: { images: ImageStore; clock: Clock }): ImagePuller {
  const slots = pLimit(pullsAtOnce);
  const inFlight = new Map<string, Promise<RuntimeImage>>();
  const failures = new Map<string, { delayMs: number; untilMs: number; message: string }>();

  const pullWith = async (reference: string, options: readonly RegistryCredentials[]): Promise<RuntimeImage> => {
    let refusal: unknown;
    for (const credentials of options.length === 0 ? [undefined] : options) {
      try {
        return await images.pull(reference, { ...(credentials !== undefined && { credentials }) });
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  };

  const pull = async ({ container, key, credentials, onEvent, signal }: PullRequest): Promise<RuntimeImage> => {
    const { image: reference = '', name } = container;
    const nowMs = clock.now();
    const failed = failures.get(key);
    if (failed !== undefined && failed.untilMs > nowMs) {
      onEvent('Normal', 'BackOff', `Back-off pulling image "${reference}"`);
      const message = `Back-off pulling image "${reference}": ${failed.message}`;
      throw new ImageError('ImagePullBackOff', message, failed.untilMs - nowMs);
    }
    onEvent('Normal', 'Pulling', `Pulling image "${reference}"`);
    const startedMs = clock.now();
    let shared = inFlight.get(reference);
    if (shared === undefined) {
      const given = await credentials();
      shared = slots(() => pullWith(reference, given)).finally(() => inFlight.delete(reference));
      inFlight.set(reference, shared);
    }
    try {
      const image = await orAborted(shared, signal);
      failures.delete(key);
      const tookMs = clock.now() - startedMs;
      onEvent(
        'Normal',
        'Pulled',
        `Successfully pulled image "${reference}" in ${tookMs}ms. Image size: ${image.sizeBytes} bytes.`,
      );
      return image;
    } catch (error) {
      if (signal.aborted) throw error;
      const words = error instanceof Error ? error.message : String(error);
      const delayMs = failed === undefined ? firstDelayMs : Math.min(failed.delayMs * 2, longestDelayMs);
      failures.set(key, { delayMs, untilMs: clock.now() + delayMs, message: words });
      onEvent('Warning', 'Failed', `Failed to pull image "${reference}": ${words}`);
      throw new ImageError(
        'ErrImagePull',
        `failed to pull image "${reference}" for container ${name}: ${words}`,
        delayMs,
        {
          cause: error,
        },
      );
    }
  };

  const present = async (container: Container | EphemeralContainer): Promise<RuntimeImage | undefined> =>
    pullPolicyOf(container) === 'Always' ? undefined : images.find(container.image ?? '');

  return {
    present,
    async ensure(request) {
      const { container, onEvent } = request;
      const { image: reference = '' } = container;
      const policy = pullPolicyOf(container);
      if (policy !== 'Always') {
        const found = await images.find(reference);
        if (found !== undefined) {
          onEvent('Normal', 'Pulled', `Container image "${reference}" already present on machine`);
          return found;
        }
      }
      if (policy === 'Never') {
        const message = `Container image "${reference}" is not present with pull policy of Never`;
        onEvent('Warning', 'ErrImageNeverPull', message);
        throw new ImageError('ErrImageNeverPull', message, firstDelayMs);
      }
      return pull(request);
    },
  };
}

/** The policy, with upstream's default by tag for specs that did not pass through the API's defaults. */
export function pullPolicyOf(container: Container | EphemeralContainer): 'Always' | 'IfNotPresent' | 'Never' {
  if (container.imagePullPolicy !== undefined) return container.imagePullPolicy;
  const reference = container.image ?? '';
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  const isLatest = !reference.includes('@') && (!name.includes(':') || name.endsWith(':latest'));
  return isLatest ? 'Always' : 'IfNotPresent';
}

/** The pull goes on for others when one pod no longer wants it. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
