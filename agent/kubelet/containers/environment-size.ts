// The environment that no program can be started with: what Linux refuses, refused here in words. The bounds are the
// kernel's (fs/exec.c): one string has at most 32 pages, all together at most three quarters of 8 MiB, whatever the
// stack's limit allows below that. Pure.
import { ConfigurationError } from './environment.ts';

const mostBytesOfOne = 32 * 4096;
const mostBytes = (3 / 4) * 8 * 1024 * 1024;

/** Throws ConfigurationError; `image` and `own` hold NAME=VALUE, and what the container sets replaces the image's. */
export function refuseEnvironment(containerName: string, image: readonly string[], own: readonly string[]): void {
  const merged = new Map([...image, ...own].map((pair) => [pair.slice(0, pair.indexOf('=')), pair]));
  let total = 0;
  for (const [name, pair] of merged) {
    // With its end and, where it is counted, the pointer to it.
    const bytes = Buffer.byteLength(pair) + 1;
    if (bytes > mostBytesOfOne) {
      throw new ConfigurationError(
        `environment variable "${name}" of container "${containerName}" takes ${bytes} bytes; Linux passes at most ${mostBytesOfOne} to a program. Put it into a file: mount a ConfigMap or Secret`,
      );
    }
    total += bytes + 8;
  }
  if (total > mostBytes) {
    throw new ConfigurationError(
      `the environment of container "${containerName}", its image's included, takes ${total} bytes; Linux passes at most ${mostBytes} to a program. Put large values into files: mount a ConfigMap or Secret`,
    );
  }
}
