// Asks our own control plane why a pod is where it is (`pilothouse.io/v1`), in the two languages of the console.
import { z } from 'zod';
import type { LocalText, PlacementReasons } from '../../../api/console/index.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { ServiceError } from '../errors.ts';

const sentence = z.object({ en: z.string(), 'zh-CN': z.string() });
const answerSchema = z.object({
  node: z.string().optional(),
  nodes: z.array(
    z.object({
      node: z.string(),
      fits: z.boolean(),
      total: z.number().optional(),
      refusals: z.array(z.object({ sentences: z.array(sentence).default([]) })).default([]),
    }),
  ),
  counts: z.array(z.object({ reason: z.string(), nodes: z.number() })).default([]),
  remedies: z.array(z.object({ sentence })).default([]),
});

const mostNodes = 300;
const mostRemedies = 5;
const localText = ({ en, 'zh-CN': zh }: z.infer<typeof sentence>): LocalText => ({ en, 'zh-CN': zh });

/** The reasons, best machine first. */
export async function placementReasons(client: RestClient, namespace: string, name: string): Promise<PlacementReasons> {
  const path = `/apis/pilothouse.io/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/placement`;
  const response = await client.request({ method: 'GET', path });
  const text = await response.text();
  const answer = response.status === 200 ? answerSchema.safeParse(JSON.parse(text)) : undefined;
  if (!answer?.success) throw new ServiceError('NotSupported', 'This cluster does not tell why a pod is where it is.');
  const { node, nodes, counts, remedies } = answer.data;
  return {
    node,
    nodes: nodes
      .map(({ node: machine, fits, total, refusals }) => ({
        node: machine,
        fits,
        score: total,
        refusals: refusals.flatMap(({ sentences }) => sentences.map(localText)),
      }))
      .sort((left, right) => Number(right.fits) - Number(left.fits) || (right.score ?? 0) - (left.score ?? 0))
      .slice(0, mostNodes),
    counts: counts.toSorted((left, right) => right.nodes - left.nodes),
    remedies: remedies.slice(0, mostRemedies).map(({ sentence: text_ }) => localText(text_)),
  };
}
