// What an ended container left to say: its message file, or the end of its log when the pod asks for that. Read once per
// container, never more than the API shows.
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ContainerRuntime, ObservedContainer } from '../../runtime/container-runtime.ts';
import { containersOf, noteKeys } from '../plan/pod-view.ts';
import type { PodView } from '../plan/pod-view.ts';

const largestMessageBytes = 4096;
const largestLogBytes = 2048;
const logLines = 80;

/** Fills in the messages of ended containers that are not known yet. */
export async function readTerminationMessages(
  pod: Readonly<Pod>,
  view: PodView,
  messages: Map<string, string>,
  runtime: ContainerRuntime,
): Promise<void> {
  const ended = [...view.attempts.values()].flat().filter(({ state, id }) => state === 'exited' && !messages.has(id));
  await Promise.all(
    ended.map(async (observed) => {
      const found = containersOf(pod).find(({ container }) => container.name === observed.containerName);
      messages.set(observed.id, await messageOf(observed, found?.container.terminationMessagePolicy, runtime));
    }),
  );
}

async function messageOf(
  observed: ObservedContainer,
  policy: string | undefined,
  runtime: ContainerRuntime,
): Promise<string> {
  const path = observed.annotations[noteKeys.messagePath];
  const written = path === undefined ? '' : await readStart(path);
  if (written !== '' || policy !== 'FallbackToLogsOnError' || observed.exitCode === 0) return written;
  const log = await runtime
    .logs(observed.id, { follow: false, timestamps: false, tailLines: logLines })
    .then((stream) => text(stream))
    .catch(() => '');
  return Buffer.from(log).subarray(-largestLogBytes).toString('utf8');
}

async function readStart(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined); // gone with the pod's folder: no message
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(largestMessageBytes), 0, largestMessageBytes, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}
