// Sees to it that a container's image is on the machine, by its pull policy. One pull per image at a time, few at once;
// an image that fails waits longer and longer. Rejects with what the container's status should say.
import pLimit from 'p-limit';
import type { Container, EphemeralContainer } from '../../../api/kinds/core/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { ImageStore, PullOptions, RegistryCredentials, RuntimeImage } from '../../runtime/container-runtime.ts';

const pullsAtOnce = 4;
const firstDelayMs = 10_000;
const longestDelayMs = 300_000;
/** A pull that takes longer than this says now and then how far it has come. */
const progressEveryMs = 15_000;

interface SharedPull {
  readonly image: Promise<{ pulled: RuntimeImage; tookMs: number }>;
  readonly listeners: Set<NonNullable<PullOptions['onProgress']>>;
}

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
  /** By image and credentials: whoever may not have an image gets none on another's account, nor waits for his refusal. */
  const inFlight = new Map<string, SharedPull>();
  const failures = new Map<string, { delayMs: number; untilMs: number; message: string }>();

  const pullWith = async (
    reference: string,
    options: readonly RegistryCredentials[],
    onProgress: PullOptions['onProgress'],
  ): Promise<RuntimeImage> => {
    let refusal: unknown;
    for (const credentials of options.length === 0 ? [undefined] : options) {
      try {
        return await images.pull(reference, { ...(credentials !== undefined && { credentials }), onProgress });
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  };
  const share = (reference: string, given: readonly RegistryCredentials[]): SharedPull => {
    const id = JSON.stringify([reference, given]);
    const known = inFlight.get(id);
    if (known !== undefined) return known;
    const listeners = new Set<NonNullable<PullOptions['onProgress']>>();
    const tell = (done: number, total: number): void => listeners.forEach((listener) => listener(done, total));
    const image = slots(async () => {
      const begunMs = clock.now();
      const pulled = await pullWith(reference, given, tell);
      return { pulled, tookMs: clock.now() - begunMs };
    }).finally(() => inFlight.delete(id));
    const shared = { image, listeners };
    inFlight.set(id, shared);
    return shared;
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
    const shared = share(reference, await credentials());
    const listener = progressEvents(reference, clock, onEvent);
    shared.listeners.add(listener);
    try {
      const { pulled, tookMs } = await orAborted(shared.image, signal);
      failures.delete(key);
      const [took, waited] = [tookMs, clock.now() - startedMs].map(formatDuration);
      onEvent(
        'Normal',
        'Pulled',
        `Successfully pulled image "${reference}" in ${took} (${waited} including waiting). Image size: ${pulled.sizeBytes} bytes.`,
      );
      return pulled;
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
    } finally {
      shared.listeners.delete(listener);
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

/** Tells how far a pull has come, in events. */
function progressEvents(
  reference: string,
  clock: Clock,
  onEvent: PullRequest['onEvent'],
): NonNullable<PullOptions['onProgress']> {
  let toldMs = clock.now();
  return (done, total) => {
    if (clock.now() - toldMs < progressEveryMs || total === 0) return;
    toldMs = clock.now();
    const [so, all] = [done, total].map((bytes) => (bytes / 1e6).toFixed(0));
    const percent = Math.floor((done * 100) / total);
    onEvent('Normal', 'Pulling', `Pulling image "${reference}": ${so} of ${all} MB (${percent} %)`);
  };
}

/** Milliseconds as upstream writes them: `850ms`, `1.25s`, `1m2.5s`. */
function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes > 0 ? `${minutes}m` : ''}${(ms - minutes * 60_000) / 1000}s`;
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
