// From a cluster and what is known of its machines to the graph of steps. Pure: says what will be done, does nothing.
import type { ClusterSpec, MachineFacts, MachineSpec, Plan, PlannedStep, Text } from '../contract.ts';
import { externalEtcdOf } from '../external-etcd/settings.ts';
import { type MessageKey, text } from '../messages/text.ts';
import { inOrder } from './graph.ts';

/** Machines that run the control plane, and etcd where it is the cluster's own. */
export function mastersOf(spec: ClusterSpec): MachineSpec[] {
  return spec.machines.filter((machine) => machine.role !== 'node');
}

/** True when ordinary pods are kept off the masters: there are machines made for pods. */
export function mastersAreTainted(spec: ClusterSpec): boolean {
  return spec.machines.some((machine) => machine.role !== 'master');
}

/** The plan for `spec`. `facts` only add notes; the graph follows from the spec. */
export function planCluster(spec: ClusterSpec, facts: readonly MachineFacts[] = []): Plan {
  const steps: PlannedStep[] = [
    onConsole('authority'),
    onConsole('programs-archive'),
    onConsole('kubeconfig', 'authority'),
  ];
  const masters = mastersOf(spec).map((machine) => machine.name);
  const hasOwnEtcd = externalEtcdOf(spec) === undefined;
  const controlPlanes = masters.map((name) => `control-plane@${name}`);
  for (const { name } of spec.machines) {
    const isMaster = masters.includes(name);
    const here = (kind: string): string => `${kind}@${name}`;
    const hasSite = spec.settings.site !== undefined;
    if (hasSite) steps.push(on(name, 'site'));
    // One dpkg at a time; etcd's package is small, and what needs it is ready long before Docker is.
    if (isMaster) steps.push(on(name, 'etcd-package', ...(hasSite ? [here('site')] : [])));
    const before = isMaster ? 'etcd-package' : hasSite ? 'site' : undefined;
    steps.push(
      on(name, 'packages', ...(before === undefined ? [] : [here(before)])),
      on(name, 'kernel'),
      on(name, 'firewall'),
      on(name, 'docker', here('packages'), here('kernel')),
      on(name, 'programs', 'programs-archive'),
      on(name, 'certificates', 'authority'),
    );
    if (isMaster) {
      const state = hasOwnEtcd ? masters.map((master) => `etcd@${master}`) : [here('certificates'), here('firewall')];
      if (hasOwnEtcd) steps.push(on(name, 'etcd', here('etcd-package'), here('certificates'), here('firewall')));
      steps.push(on(name, 'control-plane', ...state, here('programs'), 'kubeconfig'));
    }
    steps.push(
      on(name, 'images', here('docker')),
      on(
        name,
        'agent',
        here('docker'),
        here('programs'),
        here('certificates'),
        here('firewall'),
        ...(isMaster ? [here('control-plane')] : controlPlanes.slice(0, 1)),
      ),
      on(name, 'node-ready', here('agent'), ...controlPlanes),
    );
  }
  if (spec.settings.virtualAddress !== undefined)
    steps.push(onConsole('virtual-address', ...spec.machines.map(({ name }) => `node-ready@${name}`)));
  return { cluster: spec.name, steps: inOrder(steps), notes: notesOn(spec, facts) };
}

/** The part of the plan that concerns the machines `names` (and the console): no step touches another machine. */
export function planMachines(spec: ClusterSpec, names: readonly string[], facts: readonly MachineFacts[] = []): Plan {
  const whole = planCluster(spec, facts);
  const kept = whole.steps.filter((step) => step.machine === undefined || names.includes(step.machine));
  const ids = new Set(kept.map((step) => step.id));
  const steps = kept.map((step) => ({ ...step, needs: step.needs.filter((need) => ids.has(need)) }));
  return { ...whole, steps };
}

function notesOn(spec: ClusterSpec, facts: readonly MachineFacts[]): Text[] {
  const notes: Text[] = [];
  const onlyMasters = spec.machines.filter((machine) => machine.role === 'master');
  if (onlyMasters.length > 0) notes.push(text(mastersAreTainted(spec) ? 'plan.note.tainted' : 'plan.note.untainted'));
  if (mastersOf(spec).length === 1) notes.push(text('plan.note.oneMaster'));
  const external = externalEtcdOf(spec);
  if (external !== undefined) notes.push(text('plan.note.externalEtcd', { endpoints: external.endpoints.join(', ') }));
  for (const fact of facts) {
    if (fact.dockerVersion !== undefined) {
      notes.push(text('plan.note.dockerPresent', { machine: fact.machine, version: fact.dockerVersion }));
    }
  }
  return notes;
}

function on(machine: string, kind: string, ...needs: string[]): PlannedStep {
  return { id: `${kind}@${machine}`, kind, machine, title: text(`step.${kind}` as MessageKey, { machine }), needs };
}

function onConsole(kind: string, ...needs: string[]): PlannedStep {
  return { id: kind, kind, title: text(`step.${kind}` as MessageKey), needs };
}
