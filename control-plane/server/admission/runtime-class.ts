// A pod that names a RuntimeClass takes over what the class says: the overhead of its sandbox, and where such pods can run.
import type { Pod, Toleration } from '../../../api/kinds/core/index.ts';
import { runtimeClasses, type RuntimeClass } from '../../../api/kinds/node/index.ts';
import { compareQuantities } from '../../../api/meta/quantity.ts';
import { forbidden } from '../../../api/meta/status.ts';
import type { Reader } from '../registry/reader.ts';
import { stableJson } from '../registry/metadata.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isPodCreation } from './pods.ts';

/** The RuntimeClass plugin. */
export function createRuntimeClassAdmission(reader: Reader): AdmissionPlugin {
  const classOf = async ({ object, definition }: AdmissionRequest): Promise<Readonly<RuntimeClass> | undefined> => {
    const { spec, metadata } = object as Pod;
    const name = spec.runtimeClassName;
    if (!name) return undefined;
    const cached = await reader.get<RuntimeClass>(runtimeClasses, '', name);
    const found = cached ?? (await reader.get<RuntimeClass>(runtimeClasses, '', name, 'latest'));
    if (found === undefined)
      throw forbidden(definition, metadata.name, `pod rejected: RuntimeClass "${name}" not found`);
    return found;
  };
  return {
    name: 'RuntimeClass',
    concerns: isPodCreation,
    async mutate(request) {
      const chosen = await classOf(request);
      if (chosen === undefined) return;
      takeOverhead(request, chosen);
      takeScheduling(request, chosen);
    },
    async validate(request) {
      const { spec, metadata } = request.object as Pod;
      if (Object.keys(spec.overhead ?? {}).length === 0) return;
      const chosen = await classOf(request);
      if (chosen?.overhead?.podFixed !== undefined) return;
      const why =
        chosen === undefined
          ? 'Pod Overhead set without corresponding RuntimeClass defined Overhead'
          : `pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`;
      throw forbidden(request.definition, metadata.name, why);
    },
  };
}

function takeOverhead({ object, definition }: AdmissionRequest, { overhead }: Readonly<RuntimeClass>): void {
  const { spec, metadata } = object as Pod;
  const fixed = overhead?.podFixed;
  if (fixed === undefined) return;
  const own = spec.overhead ?? {};
  if (Object.keys(own).length > 0 && !sameAmounts(own, fixed))
    throw forbidden(
      definition,
      metadata.name,
      `pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`,
    );
  spec.overhead = { ...fixed };
}

function sameAmounts(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => {
    const [one, other] = [a[name], b[name]];
    return one !== undefined && other !== undefined && compareQuantities(one, other) === 0;
  });
}

function takeScheduling({ object, definition }: AdmissionRequest, { scheduling }: Readonly<RuntimeClass>): void {
  if (scheduling === undefined) return;
  const { spec, metadata } = object as Pod;
  for (const [label, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[label];
    if (own !== undefined && own !== value)
      throw forbidden(
        definition,
        metadata.name,
        `conflict: runtimeClass.scheduling.nodeSelector[${label}] = ${value}; pod.spec.nodeSelector[${label}] = ${own}`,
      );
    spec.nodeSelector = { ...spec.nodeSelector, [label]: value };
  }
  const own = (spec.tolerations ?? []) as Toleration[];
  const known = new Set(own.map(stableJson));
  const more = ((scheduling.tolerations ?? []) as Toleration[]).filter((one) => !known.has(stableJson(one)));
  if (more.length > 0) spec.tolerations = [...own, ...structuredClone(more)];
}
