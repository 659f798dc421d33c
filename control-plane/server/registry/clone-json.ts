// A copy of a JSON value. Several times faster than structuredClone, which has to expect anything.

/** A copy that shares nothing with the original; only for what JSON can say. */
export function cloneJson<T>(value: T): T {
  return cloned(value) as T;
}

function cloned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloned);
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    // `__proto__` is an ordinary key in JSON, and must not become the copy's prototype.
    if (key === '__proto__')
      Object.defineProperty(copy, key, {
        value: cloned((value as Record<string, unknown>)[key]),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    else copy[key] = cloned((value as Record<string, unknown>)[key]);
  }
  return copy;
}
