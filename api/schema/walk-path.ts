// The path of the value that a walker is at, built only when somebody asks for it.

/** A stack of field names and list indexes. */
export class WalkPath {
  readonly #steps: (string | number)[];

  constructor(...start: string[]) {
    this.#steps = start;
  }

  enter(step: string | number): void {
    this.#steps.push(step);
  }

  leave(): void {
    this.#steps.pop();
  }

  /** The path of the current value, or of one of its fields: `spec.containers[0].image`. */
  text(field?: string): string {
    const steps = field === undefined ? this.#steps : [...this.#steps, field];
    return formatPath(steps);
  }
}

/** Steps as upstream writes a path; map keys that are no identifiers stand in brackets. */
export function formatPath(steps: readonly (string | number)[]): string {
  let text = '';
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (step.startsWith('[')) text += step;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}
