// Which pod sits in which cell of which machine. Cells are stable: a pod keeps its cell for as long as it stays on its
// machine, a newcomer takes the first free one, so what moves on the map is what moved in the cluster. What an update costs
// grows with what changed: rows that are the same objects in the same order as before are not looked at.
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

interface Home extends Machine {
  readonly taken: Set<number>;
  /** Every slot below it is taken. */
  fullBelow: number;
}

/** Takes the first free slot. */
function takeSlot(home: Home): number {
  while (home.taken.has(home.fullBelow)) home.fullBelow++;
  home.taken.add(home.fullBelow);
  return home.fullBelow;
}

function freeSlot(home: Home, uid: string): void {
  const slot = home.cells.get(uid)?.slot;
  if (slot === undefined) return;
  home.cells.delete(uid);
  home.taken.delete(slot);
  home.fullBelow = Math.min(home.fullBelow, slot);
}

/** An empty model. */
export function createPlacementModel(): PlacementModel {
  const byName = new Map<string, Home>();
  const whereIs = new Map<string, string>();
  let ordered: readonly Machine[] = [];
  /** The rows of the last update. */
  let last: readonly MapPod[] = [];
  let first = true;
  let fadingUntil = 0;
  /** Cells that are on their way out, so that nobody looks at all the others for them. */
  let leaving: { readonly machine: Home; readonly uid: string }[] = [];

  const machineOf = (name: string): Home => {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const made: Home = { name, node: undefined, cells: new Map(), taken: new Set(), fullBelow: 0 };
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
    machine.cells.set(pod.uid, { pod, slot: takeSlot(machine), bornAt, leftAt: undefined });
  };

  /** Places what is not as it was, and lets go what is not there any more. */
  const follow = (pods: readonly MapPod[], nowMs: number): void => {
    const missed = new Set<string>();
    let at = 0;
    for (const pod of pods) {
      // Rows keep their order: what stands before it was removed, or comes later.
      while (last[at] !== undefined && last[at]?.uid !== pod.uid) missed.add(last[at++]?.uid ?? '');
      const before = last[at++];
      if (before === pod) continue; // as most are
      missed.delete(pod.uid);
      place(pod, nowMs);
    }
    for (const { uid } of last.slice(at)) missed.add(uid);
    last = pods;
    if (missed.size > 0) for (const { uid } of pods) missed.delete(uid);
    for (const uid of missed) leave(uid, nowMs);
  };

  return {
    machines: () => ordered,
    find(uid) {
      const machine = byName.get(whereIs.get(uid) ?? '?');
      const cell = machine?.cells.get(uid);
      return machine && cell ? { machine, cell } : undefined;
    },
    update(nodes, pods, nowMs) {
      const names = new Set(nodes.map(({ name }) => name));
      for (const machine of byName.values()) if (!names.has(machine.name)) machine.node = undefined;
      for (const node of nodes) machineOf(node.name).node = node;
      follow(pods, nowMs);
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
        freeSlot(machine, uid);
        return false;
      });
      if (nowMs <= fadingUntil) return true;
      fadingUntil = 0;
      return false;
    },
  };
}
