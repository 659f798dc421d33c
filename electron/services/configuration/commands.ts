// Entries of ConfigMaps and Secrets. The value of a Secret leaves the services only when asked for by its key.
import { z } from 'zod';
import type { DataEntry, ObjectRef } from '../../../api/console/index.ts';
import { configMaps, secrets, type ConfigMap, type Secret } from '../../../api/kinds/core/index.ts';
import { clusterId, objectRef, type CommandsOf } from '../commands/table.ts';
import type { Context } from '../context.ts';
import { ServiceError } from '../errors.ts';

const ofObject = z.strictObject({ clusterId, object: objectRef });
const longestText = 512 * 1024;

function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined; // no text
  }
}

async function secretOf({ clusters }: Context, id: string, object: ObjectRef): Promise<Secret> {
  return clusters.get(id).session.client.resource<Secret>(secrets, object.namespace).get(object.name);
}

const sizeOf = (base64: string): number => Buffer.byteLength(base64, 'base64');

export const configurationCommands: CommandsOf<'configuration'> = {
  'configuration.data': {
    payload: ofObject,
    async run({ clusterId: id, object }, context): Promise<readonly DataEntry[]> {
      if (object.kind === 'Secret') {
        const { data = {} } = await secretOf(context, id, object);
        return Object.entries(data).map(([key, value]) => ({
          key,
          sizeBytes: sizeOf(value),
          binary: textOf(value) === undefined,
        }));
      }
      const { client } = context.clusters.get(id).session;
      const { data = {}, binaryData = {} } = await client
        .resource<ConfigMap>(configMaps, object.namespace)
        .get(object.name);
      return [
        ...Object.entries(data).map(([key, text]) => ({
          key,
          sizeBytes: Buffer.byteLength(text),
          binary: false,
          text: text.slice(0, longestText),
        })),
        ...Object.entries(binaryData).map(([key, value]) => ({ key, sizeBytes: sizeOf(value), binary: true })),
      ];
    },
  },
  'configuration.reveal': {
    payload: ofObject.extend({ key: z.string().min(1).max(253) }),
    async run({ clusterId: id, object, key }, context) {
      const { data = {} } = await secretOf(context, id, object);
      const value = Object.hasOwn(data, key) ? data[key] : undefined;
      const text = value === undefined ? undefined : textOf(value);
      if (text === undefined) throw new ServiceError('NotFound', `Secret ${object.name} has no text under ${key}.`);
      return { text };
    },
  },
};
