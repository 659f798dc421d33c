// Pods tolerate an unreachable or unready node for a while (five minutes, unless configured), unless they say otherwise.
import type { Pod, Toleration } from '../../../api/kinds/core/index.ts';
import type { AdmissionPlugin } from './admission.ts';

const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** The DefaultTolerationSeconds plugin. */
export function createDefaultTolerations(tolerationSeconds: number): AdmissionPlugin {
  return {
    name: 'DefaultTolerationSeconds',
    // An update that leaves them out gets them back: tolerations of a pod are only ever added to.
    concerns: ({ operation, definition, subresource }) =>
      (operation === 'CREATE' || operation === 'UPDATE') &&
      subresource === '' &&
      definition.group === '' &&
      definition.plural === 'pods',
    mutate({ object }) {
      const { spec } = object as Pod;
      for (const key of keys) {
        if ((spec.tolerations ?? []).some((toleration) => tolerates(toleration, key))) continue;
        spec.tolerations = [
          ...(spec.tolerations ?? []),
          { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds },
        ];
      }
    },
  };
}

function tolerates(toleration: Toleration, key: string): boolean {
  const meansKey = toleration.key === key || ((toleration.key ?? '') === '' && toleration.operator === 'Exists');
  return meansKey && (toleration.effect === 'NoExecute' || (toleration.effect ?? '') === '');
}
