// Asks our own control plane why a pod is where it is (`pilothouse.io/v1`), in the two languages of the console.
import { z } from 'zod';
import type { LocalText, PlacementReasons } from '../../../api/console/index.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { ServiceError } from '../errors.ts';
import { canApply, remedyChange, type RemedyChange } from './remedy-change.ts';

const sentence = z.object({
  en: z.string(),
  'zh-CN': z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});
const answerSchema = z.object({
  node: z.string().optional(),
  nodes: z.array(
    z.object({
      node: z.string(),
      fits: z.boolean(),
      total: z.number().optional(),
      refusals: z.array(z.object({ filter: z.string(), sentences: z.array(sentence).default([]) })).default([]),
    }),
  ),
  counts: z.array(z.object({ reason: z.string(), nodes: z.number() })).default([]),
  remedies: z
    .array(z.object({ kind: z.string(), node: z.string(), sentence, change: remedyChange.optional().catch(undefined) }))
    .default([]),
});

const mostNodes = 2000;
const mostRemedies = 5;
/** A sentence as it stands on its own; the control plane has it begin small, to go on from another. */
const localText = ({ en, 'zh-CN': zh }: z.infer<typeof sentence>): LocalText => ({
  en: `${en.slice(0, 1).toUpperCase()}${en.slice(1)}`,
  'zh-CN': zh,
});

async function ask(client: RestClient, namespace: string, name: string): Promise<z.infer<typeof answerSchema>> {
  const path = `/apis/pilothouse.io/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/placement`;
  const response = await client.request({ method: 'GET', path });
  const text = await response.text();
  const answer = response.status === 200 ? answerSchema.safeParse(JSON.parse(text)) : undefined;
  if (!answer?.success) throw new ServiceError('NotSupported', 'This cluster does not tell why a pod is where it is.');
  return answer.data;
}

/** The reasons, best machine first. */
export async function placementReasons(client: RestClient, namespace: string, name: string): Promise<PlacementReasons> {
  const { node, nodes, counts, remedies } = await ask(client, namespace, name);
  return {
    node,
    nodes: nodes
      .map(({ node: machine, fits, total, refusals }) => ({
        node: machine,
        fits,
        score: total,
        refusals: refusals.flatMap(({ filter, sentences }) =>
          sentences.map((one) => ({ filter, sentence: localText(one), values: one.values })),
        ),
      }))
      .sort((left, right) => Number(right.fits) - Number(left.fits) || (right.score ?? 0) - (left.score ?? 0))
      .slice(0, mostNodes),
    counts: counts.toSorted((left, right) => right.nodes - left.nodes),
    remedies: remedies.slice(0, mostRemedies).map(({ kind, node: machine, sentence: text, change }) => ({
      kind,
      node: machine,
      sentence: localText(text),
      canApply: change !== undefined && canApply(change),
    })),
  };
}

/** The change that a suggestion stands for, as suggested now; undefined when it is suggested no longer. */
export async function suggestedChange(
  client: RestClient,
  pod: { readonly namespace: string; readonly name: string },
  remedy: { readonly kind: string; readonly node: string },
): Promise<RemedyChange | undefined> {
  const { remedies } = await ask(client, pod.namespace, pod.name);
  return remedies.find(({ kind, node }) => kind === remedy.kind && node === remedy.node)?.change;
}
