// What a container said last before it ended: the tail of its run before, or of the present one when there is none.
import type { RestClient } from '../../../machinery/rest-client.ts';
import { toConsoleError } from '../errors.ts';
import { readLog } from '../streams/pod-log.ts';

const tailLines = 8;
const patienceMs = 5000;

interface Session {
  readonly client: RestClient;
  readonly signal: AbortSignal;
}

interface ContainerName {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

/** At most eight lines; none when no log is kept of it. Throws what the API refuses otherwise. */
export async function lastWords(
  { client, signal: closed }: Session,
  of: ContainerName,
): Promise<{ readonly lines: readonly string[] }> {
  const signal = AbortSignal.any([closed, AbortSignal.timeout(patienceMs)]);
  const read = async (previous: boolean): Promise<string[]> => {
    const lines: string[] = [];
    for await (const { text } of readLog(client, { ...of, tailLines, previous, follow: false }, signal))
      lines.push(text);
    return lines;
  };
  for (const previous of [true, false]) {
    try {
      const lines = await read(previous);
      if (lines.length > 0) return { lines };
    } catch (error) {
      // There was no run before, or its log is gone: the present one may still tell.
      const { reason } = toConsoleError(error);
      if (reason !== 'BadRequest' && reason !== 'NotFound') throw error;
    }
  }
  return { lines: [] };
}
