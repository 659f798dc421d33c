// A machine dragged by its head to the map's edge: the way to ask "what if it were taken out" by hand. The same question
// is a button of the inspector, for keyboards.
import { shallowRef, type ShallowRef } from 'vue';

const edge = 156;

export interface DraggedMachine {
  readonly node: string;
  readonly x: number;
  readonly y: number;
  /** It is where it would be dropped out. */
  readonly over: boolean;
}

export interface MachineDrag {
  readonly dragged: Readonly<ShallowRef<DraggedMachine | undefined>>;
  /** A press; without a machine nothing is dragged. */
  begin(node: string | undefined, at: { readonly offsetX: number; readonly offsetY: number }): void;
  /** True while a machine is dragged: the map stays where it is. */
  move(at: { readonly offsetX: number; readonly offsetY: number }, size: { readonly width: number }): boolean;
  end(): void;
  /** Lets go without dropping; false when nothing was dragged. */
  cancel(): boolean;
}

/** The drag of one map; `onOut` is told what was dropped at the edge. */
export function useMachineDrag(onOut: (node: string) => void): MachineDrag {
  const dragged = shallowRef<DraggedMachine>();
  let pressed: string | undefined;
  const drop = (): void => {
    pressed = undefined;
    dragged.value = undefined;
  };
  return {
    dragged,
    begin(node) {
      pressed = node;
    },
    move({ offsetX, offsetY }, { width }) {
      if (pressed === undefined) return false;
      dragged.value = { node: pressed, x: offsetX, y: offsetY, over: offsetX > width - edge };
      return true;
    },
    end() {
      const last = dragged.value;
      drop();
      if (last?.over) onOut(last.node);
    },
    cancel() {
      const was = pressed !== undefined;
      drop();
      return was;
    },
  };
}
