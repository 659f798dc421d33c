// settings.etcd of a cluster file: an etcd that somebody else runs, in the words of kubeadm's `etcd.external`. Only TLS with
// a certificate of the client's: whoever reaches etcd otherwise owns the cluster.
import { z } from 'zod';
import { text } from '../messages/text.ts';
import type { ClusterSettings, ClusterSpec, ExternalEtcd } from '../contract.ts';

const endpoint = z
  .string()
  .refine(
    (url) => URL.canParse(url) && /^https:\/\/[^/@?#\s,]+\/?$/.test(url) && new URL(url).port !== '',
    text('word.etcdEndpoint').en,
  )
  .transform((url) => url.replace(/\/$/, ''));

export const etcdSchema = z.strictObject({
  external: z.strictObject({
    endpoints: z
      .array(endpoint)
      .min(1)
      .max(9)
      .refine((all) => new Set(all).size === all.length, text('word.etcdTwice').en),
    caFile: z.string().min(1),
    certFile: z.string().min(1),
    keyFile: z.string().min(1),
  }),
});

/** The settings with paths that hold wherever the cluster file is read next. */
export function anchoredEtcd(
  { external }: z.output<typeof etcdSchema>,
  anchor: (path: string) => string,
): NonNullable<ClusterSettings['etcd']> {
  const { endpoints, caFile, certFile, keyFile } = external;
  return {
    external: { endpoints, caFile: anchor(caFile), certFile: anchor(certFile), keyFile: anchor(keyFile) },
  };
}

/** The etcd that is not the cluster's own; undefined when masters hold its members. */
export function externalEtcdOf({ settings }: Pick<ClusterSpec, 'settings'>): ExternalEtcd | undefined {
  return settings.etcd?.external;
}
