// What a namespace's labels demand of its pods: a level and a version of the Pod Security Standards for each of enforce,
// audit and warn. Pure. Labels that cannot be read fail closed for enforce and open for audit and warn.
import { invalidValue, type FieldError } from '../../../../api/schema/field-error.ts';

export const levels = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof levels)[number];

/** A level at a minor version of Kubernetes 1; `Infinity` is "latest". */
export interface Standard {
  readonly level: Level;
  readonly minor: number;
}

/** What is refused, what is noted in the audit log, what the client is warned of. */
export interface NamespacePolicy {
  readonly enforce: Standard;
  readonly audit: Standard;
  readonly warn: Standard;
}

export type Mode = keyof NamespacePolicy;

const prefix = 'pod-security.kubernetes.io/';
const privileged: Standard = { level: 'privileged', minor: Infinity };
/** The policy of a namespace that says nothing. */
export const permissive: NamespacePolicy = { enforce: privileged, audit: privileged, warn: privileged };

/** `restricted:v1.25`, `baseline:latest`. */
export function formatStandard({ level, minor }: Standard): string {
  return `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`;
}

/** -1, 0 or 1: whether `a` is laxer than, as strict as, or stricter than `b`. */
export function compareLevels(a: Level, b: Level): number {
  return Math.sign(levels.indexOf(a) - levels.indexOf(b));
}

/** Whether nothing is demanded in any mode. */
export function demandsNothing({ enforce, audit, warn }: NamespacePolicy): boolean {
  return [enforce, audit, warn].every(({ level }) => level === 'privileged');
}

/** Reads a namespace's labels over the defaults; always answers a policy, and what was wrong with the labels. */
export function policyOf(
  labels: Readonly<Record<string, string>> | undefined,
  defaults: NamespacePolicy,
): { readonly policy: NamespacePolicy; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  if (labels === undefined || !Object.keys(labels).some((label) => label.startsWith(prefix)))
    return { policy: defaults, errors };
  const refuse = (label: string, value: string, what: string): void => {
    errors.push(invalidValue(`metadata.labels[${label}]`, value, `must be ${what}`));
  };
  const read = (mode: Mode): Standard & { readonly hasLevel: boolean; readonly hasMinor: boolean } => {
    let { level, minor } = defaults[mode];
    const said = labels[prefix + mode];
    const saidVersion = labels[`${prefix}${mode}-version`];
    const isLevel = said !== undefined && (levels as readonly string[]).includes(said);
    if (said !== undefined) {
      level = isLevel ? (said as Level) : mode === 'enforce' ? 'restricted' : 'privileged';
      if (!isLevel) refuse(prefix + mode, said, `one of ${levels.join(', ')}`);
    }
    if (saidVersion !== undefined) {
      const match = /^v1\.(0|[1-9]\d{0,5})$/.exec(saidVersion);
      minor = match === null ? Infinity : Number(match[1]);
      if (match === null && saidVersion !== 'latest')
        refuse(`${prefix}${mode}-version`, saidVersion, '"latest" or "v1.x"');
    }
    // A level that could not be read is not a wish to be warned by.
    return {
      level,
      minor,
      hasLevel: mode === 'enforce' ? isLevel : said !== undefined,
      hasMinor: saidVersion !== undefined,
    };
  };
  const [enforce, audit, warn] = [read('enforce'), read('audit'), read('warn')];
  const policy = { enforce: standard(enforce), audit: standard(audit), warn: standard(warn) };
  // Who enforces a stricter level than the default is warned by it too: of workloads, which are never refused.
  if (warn.hasLevel || !enforce.hasLevel || compareLevels(enforce.level, warn.level) <= 0) return { policy, errors };
  return {
    policy: { ...policy, warn: { level: enforce.level, minor: warn.hasMinor ? warn.minor : enforce.minor } },
    errors,
  };
}

function standard({ level, minor }: Standard): Standard {
  return { level, minor };
}
