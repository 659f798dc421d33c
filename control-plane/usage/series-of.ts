// Which series a machine, pod, container or workload is. A workload's pods are known by the names that their controllers
// give them, so that those of the past, which nobody lists any more, count too. Pure.
import { badRequest } from '../../api/meta/status.ts';

export interface UsageSubject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Of a pod: one container only. */
  readonly container?: string;
}

// What names end with that the API server or a hash made: no vowels, nothing that looks like another.
const made = '[bcdfghjklmnpqrstvwxz2456789]';
/** A generated name keeps so much of its beginning. */
const longestBase = 58;

const namesOf: Readonly<Record<string, (name: string) => RegExp>> = {
  Deployment: (name) => (fits(`${name}-0123456789-`) ? pattern(name, `-${made}{1,10}-${made}{5}`) : cut(name)),
  ReplicaSet: ofOwner,
  ReplicationController: ofOwner,
  DaemonSet: ofOwner,
  Job: (name) => (fits(`${name}-00000-`) ? pattern(name, `(?:-\\d+)?-${made}{5}`) : cut(name)),
  StatefulSet: (name) => pattern(name, '-\\d+'),
};

function ofOwner(name: string): RegExp {
  return fits(`${name}-`) ? pattern(name, `-${made}{5}`) : cut(name);
}
const fits = (base: string): boolean => base.length <= longestBase;
/** Names are of letters, digits, hyphens and dots; see below. */
const escape = (name: string): string => name.replaceAll('.', '\\.');
const pattern = (name: string, ending: string): RegExp => new RegExp(`^${escape(name)}${ending}$`);
const cut = (name: string): RegExp => new RegExp(`^${escape(`${name}-`.slice(0, longestBase))}${made}*$`);

/** Throws ApiError BadRequest for what is no name, and for kinds that use nothing of their own. */
export function seriesOf({ kind, namespace, name, container }: UsageSubject): (series: string) => boolean {
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) throw badRequest(`${JSON.stringify(name)} is no name`);
  if (kind === 'Node') return (series) => series === `node/${name}`;
  if (kind === 'Pod') {
    // A pod's only container is recorded as its pod.
    const wanted = container === undefined ? `pod/${namespace}/${name}` : `container/${namespace}/${name}/${container}`;
    return (series) => series === wanted;
  }
  const names = Object.hasOwn(namesOf, kind) ? namesOf[kind]?.(name) : undefined;
  if (names === undefined)
    throw badRequest(
      `kind must be Node, Pod or one of ${Object.keys(namesOf).join(', ')}, not ${JSON.stringify(kind)}`,
    );
  const prefix = `pod/${namespace}/`;
  return (series) => series.startsWith(prefix) && names.test(series.slice(prefix.length));
}
