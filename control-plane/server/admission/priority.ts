// Turns a pod's priority class into its priority and preemption policy.
import { priorityClasses, type PriorityClass } from '../../../api/kinds/scheduling/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { forbidden } from '../../../api/meta/status.ts';
import type { Reader } from '../registry/reader.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isPodCreation } from './pods.ts';

/** The Priority plugin. */
export function createPriorityAdmission(reader: Reader): AdmissionPlugin {
  return {
    name: 'Priority',
    concerns: isPodCreation,
    async mutate({ object, definition }) {
      const { spec, metadata } = object as Pod;
      const chosen = spec.priorityClassName ? await find(reader, spec.priorityClassName) : await defaultClass(reader);
      if (spec.priorityClassName && chosen === undefined) {
        throw forbidden(definition, metadata.name, `no PriorityClass with name ${spec.priorityClassName} was found`);
      }
      const priority = chosen?.value ?? 0;
      if (spec.priority !== undefined && spec.priority !== priority) {
        throw forbidden(
          definition,
          metadata.name,
          `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
        );
      }
      if (chosen !== undefined) spec.priorityClassName = chosen.metadata.name;
      spec.priority = priority;
      spec.preemptionPolicy ??= (chosen?.preemptionPolicy as typeof spec.preemptionPolicy) ?? 'PreemptLowerPriority';
    },
  };
}

async function find(reader: Reader, name: string): Promise<Readonly<PriorityClass> | undefined> {
  const cached = await reader.get<PriorityClass>(priorityClasses, '', name);
  return cached ?? (await reader.get<PriorityClass>(priorityClasses, '', name, 'latest'));
}

/** The class for pods that name none: of several defaults, the lowest. */
async function defaultClass(reader: Reader): Promise<Readonly<PriorityClass> | undefined> {
  const all = await reader.list<PriorityClass>(priorityClasses, '');
  return all.filter((one) => one.globalDefault === true).sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}
