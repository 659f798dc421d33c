// Files of a container: look into folders, take a file out, put one in. It needs a shell and `ls`, `cat`, `head` inside.
// Paths travel as arguments of their own, never inside a script.
import { z } from 'zod';
import type { FileEntry } from '../../../api/console/index.ts';
import { named, objectName, type CommandsOf } from '../commands/table.ts';
import type { Context } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { execInContainer } from './exec.ts';
import { readListing } from './listing.ts';

const mostBytes = 5 * 1024 * 1024;
const listingBytes = 1024 * 1024;
const path = z
  .string()
  .min(1)
  .max(4096)
  .startsWith('/')
  .regex(/^[^\0]*$/);
const ofContainer = named.extend({ container: objectName, path });

async function run(
  payload: z.infer<typeof ofContainer>,
  { clusters }: Context,
  command: readonly string[],
  limits: { mostBytes: number; input?: Uint8Array },
): Promise<Buffer> {
  const { client, signal } = clusters.get(payload.clusterId).session;
  const answer = await execInContainer(client, payload, command, { ...limits, signal });
  if (answer.exitCode === 0) return answer.stdout;
  throw new ServiceError('Invalid', answer.stderr.trim() || `The container answered with code ${answer.exitCode}.`, {
    remedy: 'Check the path. The container must hold a shell with ls, cat and head.',
  });
}

export const fileCommands: CommandsOf<'files'> = {
  'files.list': {
    payload: ofContainer,
    async run(payload, context): Promise<readonly FileEntry[]> {
      const folder = payload.path.endsWith('/') ? payload.path : `${payload.path}/`;
      const answer = await run(payload, context, ['ls', '-lAn', folder], { mostBytes: listingBytes });
      return readListing(answer.toString());
    },
  },
  'files.read': {
    payload: ofContainer,
    async run(payload, context) {
      const body = await run(payload, context, ['cat', payload.path], { mostBytes });
      return { base64: body.toString('base64') };
    },
  },
  'files.write': {
    payload: ofContainer.extend({ base64: z.base64().max(Math.ceil((mostBytes * 4) / 3) + 4) }),
    async run({ base64, ...payload }, context) {
      const input = Buffer.from(base64, 'base64');
      // `head -c` ends by itself, also where the server knows no way to close the input.
      const script = 'head -c "$1" > "$2"';
      await run(payload, context, ['sh', '-c', script, 'sh', String(input.length), payload.path], {
        mostBytes: listingBytes,
        input,
      });
      return {};
    },
  },
};
