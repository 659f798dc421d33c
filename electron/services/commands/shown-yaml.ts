// An object as the YAML that a person reads, however large a hostile server made it.
// Guarantees: what is longer than an API server would take is cut and says so; whoever shows it can tell that it was.
import { stringify } from 'yaml';

/** The longest YAML that is shown, and taken back. */
export const longestYaml = 3 * 1024 * 1024;
/** No API server keeps a larger value: its store refuses it. */
const longestValue = 1.5 * 1024 * 1024;
const keptOfCut = 2000;

/** YAML without folded lines. */
export function yamlOf(object: unknown): string {
  return stringify(object, { lineWidth: 0 });
}

/** The same value, with every text longer than `longest` cut to its beginning. */
function cutTexts(value: unknown, longest: number): unknown {
  if (typeof value === 'string') {
    return value.length > longest ? `${value.slice(0, keptOfCut)}… (+${value.length - keptOfCut})` : value;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => cutTexts(item, longest));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, cutTexts(item, longest)] as const);
  const isSame = entries.every(([key, item]) => item === (value as Record<string, unknown>)[key]);
  return isSame ? value : Object.fromEntries(entries);
}

/** The YAML to show, and whether it is all there is. */
export function shownYaml(object: unknown): { readonly yaml: string; readonly isCut: boolean } {
  const kept = cutTexts(object, longestValue);
  const yaml = yamlOf(kept);
  if (yaml.length <= longestYaml) return { yaml, isCut: kept !== object };
  return { yaml: yamlOf(cutTexts(object, keptOfCut)).slice(0, longestYaml), isCut: true };
}
