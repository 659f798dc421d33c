// The places that a volume's labels name, and whether a node is in them. Rules of upstream's volumezone plugin.
import type { PersistentVolume } from '../../../api/kinds/core/index.ts';
import type { NodeInfo } from './node-info.ts';

const successorOf: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};
const places = [...Object.values(successorOf), ...Object.keys(successorOf)];

/** The first place that a volume is bound to and a node is not in; a node without any place is in all of them. */
export function wrongZone(
  { metadata }: Readonly<PersistentVolume>,
  { labels }: NodeInfo,
): { key: string; zone: string } | undefined {
  if (places.every((key) => labels[key] === undefined)) return undefined;
  for (const key of places) {
    const zones = metadata.labels?.[key];
    if (zones === undefined) continue;
    const own = labels[key] ?? labels[successorOf[key] ?? ''];
    // A volume in several zones names them all, joined by two underscores.
    if (own === undefined || !zones.split('__').includes(own)) return { key, zone: zones };
  }
  return undefined;
}
