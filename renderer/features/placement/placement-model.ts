// Which pod sits in which cell of which machine. Cells are stable: a pod keeps its cell for as long as it stays on its
// machine, a newcomer takes the first free one, so what moves on the map is what moved in the cluster.
import type { MapPod, NodeRow } from '../../../api/console/index.ts';

export interface Cell {
  pod: MapPod;
  readonly slot: number;
  /** When it came here and, once it has left, when that was: for fading in and out. */
  readonly bornAt: number;
  leftAt: number | undefined;
}

export interface Machine {
  readonly name: string;
  /** Absent for the tray of pods that no machine has yet, and for machines that are gone while pods still name them. */
  node: NodeRow | undefined;
  readonly cells: Map<string, Cell>;
}

export interface PlacementModel {
  /** The tray first (when it holds anything), then machines by name. */
  machines(): readonly Machine[];
  find(uid: string): { machine: Machine; cell: Cell } | undefined;
  update(nodes: readonly NodeRow[], pods: readonly MapPod[], nowMs: number): void;
  /** Drops what has faded out; true while something is still fading in or out. */
  settle(nowMs: number): boolean;
}

/** The name of the tray. */
export const trayName = '';
export const fadeMs = 360;

const collator = new Intl.Collator(undefined, { numeric: true });

function firstFree(machine: Machine): number {
  const taken = new Set<number>();
  for (const { slot } of machine.cells.values()) taken.add(slot);
  let slot = 0;
  while (taken.has(slot)) slot++;
  return slot;
}

/** An empty model. */
export function createPlacementModel(): PlacementModel {
  const byName = new Map<string, Machine>();
  const whereIs = new Map<string, string>();
  let ordered: readonly Machine[] = [];
  let first = true;
  let fadingUntil = 0;
  /** Cells that are on their way out, so that nobody looks at all the others for them. */
  let leaving: { readonly machine: Machine; readonly uid: string }[] = [];

  const machineOf = (name: string): Machine => {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const made: Machine = { name, node: undefined, cells: new Map() };
    byName.set(name, made);
    return made;
  };
  const leave = (uid: string, nowMs: number): void => {
    const machine = byName.get(whereIs.get(uid) ?? '?');
    const cell = machine?.cells.get(uid);
    whereIs.delete(uid);
    if (machine === undefined || cell === undefined || cell.leftAt !== undefined) return;
    cell.leftAt = nowMs;
    leaving.push({ machine, uid });
    fadingUntil = nowMs + fadeMs;
  };
  const place = (pod: MapPod, nowMs: number): void => {
    const name = pod.node ?? trayName;
    const seen = byName.get(name)?.cells.get(pod.uid);
    if (seen?.pod === pod && seen.leftAt === undefined && whereIs.get(pod.uid) === name) return; // as most are
    if (whereIs.get(pod.uid) !== name) leave(pod.uid, nowMs);
    const machine = machineOf(name);
    const known = machine.cells.get(pod.uid);
    whereIs.set(pod.uid, name);
    if (known !== undefined) {
      known.pod = pod;
      known.leftAt = undefined;
      return;
    }
    const bornAt = first ? 0 : nowMs;
    if (!first) fadingUntil = nowMs + fadeMs;
    machine.cells.set(pod.uid, { pod, slot: firstFree(machine), bornAt, leftAt: undefined });
  };

  return {
    machines: () => ordered,
    find(uid) {
      const machine = byName.get(whereIs.get(uid) ?? '?');
      const cell = machine?.cells.get(uid);
      return machine && cell ? { machine, cell } : undefined;
    },
    update(nodes, pods, nowMs) {
      const present = new Set<string>();
      for (const { uid } of pods) present.add(uid);
      for (const uid of whereIs.keys()) if (!present.has(uid)) leave(uid, nowMs);
      const names = new Set(nodes.map(({ name }) => name));
      for (const machine of byName.values()) if (!names.has(machine.name)) machine.node = undefined;
      for (const node of nodes) machineOf(node.name).node = node;
      for (const pod of pods) place(pod, nowMs);
      first = false;
      for (const [name, machine] of byName) {
        if (machine.node === undefined && machine.cells.size === 0) byName.delete(name);
      }
      if (ordered.length !== byName.size || ordered.some((machine) => byName.get(machine.name) !== machine))
        ordered = [...byName.values()].sort((left, right) => collator.compare(left.name, right.name));
    },
    settle(nowMs) {
      if (fadingUntil === 0) return false;
      leaving = leaving.filter(({ machine, uid }) => {
        const leftAt = machine.cells.get(uid)?.leftAt;
        if (leftAt === undefined) return false; // it came back
        if (nowMs - leftAt < fadeMs) return true;
        machine.cells.delete(uid);
        return false;
      });
      if (nowMs <= fadingUntil) return true;
      fadingUntil = 0;
      return false;
    },
  };
}
