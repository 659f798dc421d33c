// Whether a type may stand where another is asked for, with type parameters bound on the way.
import { dyn, type CelType } from './types.ts';

/** What type parameters stand for, by name. */
export type Bindings = Map<string, CelType>;

/** Replaces bound parameters; unbound ones become dyn when `isFinal`. */
export function substitute(bindings: Bindings, type: CelType, isFinal = false): CelType {
  switch (type.kind) {
    case 'param': {
      const bound = bindings.get(type.name);
      if (bound === undefined) return isFinal ? dyn : type;
      return substitute(bindings, bound, isFinal);
    }
    case 'list':
      return { kind: 'list', element: substitute(bindings, type.element, isFinal) };
    case 'map':
      return {
        kind: 'map',
        key: substitute(bindings, type.key, isFinal),
        value: substitute(bindings, type.value, isFinal),
      };
    case 'opaque':
      return type.parameters.length === 0
        ? type
        : { ...type, parameters: type.parameters.map((one) => substitute(bindings, one, isFinal)) };
    case 'type':
      return { kind: 'type', of: substitute(bindings, type.of, isFinal) };
    default:
      return type;
  }
}

/** Whether a value of type `from` may be used as `to`; binds parameters of both, also when the answer is no. */
export function isAssignable(bindings: Bindings, to: CelType, from: CelType): boolean {
  const wanted = substitute(bindings, to);
  const given = substitute(bindings, from);
  if (wanted.kind === 'param') return bind(bindings, wanted, given);
  if (given.kind === 'param') return bind(bindings, given, wanted);
  if (isAny(wanted) || isAny(given)) return true;
  if (given.kind === 'null') return acceptsNull(wanted);
  if (wanted.kind === 'null') return acceptsNull(given);
  if (wanted.kind !== given.kind) return false;
  switch (wanted.kind) {
    case 'list':
      return isAssignable(bindings, wanted.element, (given as typeof wanted).element);
    case 'map':
      return (
        isAssignable(bindings, wanted.key, (given as typeof wanted).key) &&
        isAssignable(bindings, wanted.value, (given as typeof wanted).value)
      );
    case 'object':
      return wanted.name === (given as typeof wanted).name;
    case 'opaque': {
      const other = given as typeof wanted;
      return (
        wanted.name === other.name &&
        wanted.parameters.every((one, index) => isAssignable(bindings, one, other.parameters[index] ?? dyn))
      );
    }
    default:
      return true;
  }
}

function isAny(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'error';
}

function acceptsNull(type: CelType): boolean {
  return ['null', 'object', 'opaque', 'timestamp', 'duration'].includes(type.kind);
}

function bind(bindings: Bindings, parameter: { readonly name: string }, type: CelType): boolean {
  if (type.kind === 'param' && type.name === parameter.name) return true;
  if (mentions(bindings, type, parameter.name)) return false;
  bindings.set(parameter.name, type);
  return true;
}

/** A parameter cannot stand for a type that contains itself. */
function mentions(bindings: Bindings, type: CelType, name: string): boolean {
  switch (type.kind) {
    case 'param': {
      if (type.name === name) return true;
      const bound = bindings.get(type.name);
      return bound !== undefined && mentions(bindings, bound, name);
    }
    case 'list':
      return mentions(bindings, type.element, name);
    case 'map':
      return mentions(bindings, type.key, name) || mentions(bindings, type.value, name);
    case 'opaque':
      return type.parameters.some((one) => mentions(bindings, one, name));
    case 'type':
      return mentions(bindings, type.of, name);
    default:
      return false;
  }
}

/** One type for two: the more general of both, or dyn when neither contains the other. */
export function joinTypes(bindings: Bindings, a: CelType, b: CelType): CelType {
  const trial = new Map(bindings);
  if (isAssignable(trial, a, b)) {
    for (const [name, type] of trial) bindings.set(name, type);
    const left = substitute(bindings, a);
    // Of a message type and null, the message type is the more general.
    return left.kind === 'null' ? substitute(bindings, b) : left;
  }
  return dyn;
}
