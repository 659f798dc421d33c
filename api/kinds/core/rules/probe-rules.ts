// Probes and lifecycle handlers of containers.
import { forbiddenField, invalidValue, required, type FieldError } from '../../../schema/field-error.ts';
import type { Lifecycle, Probe } from '../probe.ts';
import { checkOneOf, checkPort, nonNegative } from './checks.ts';

type Handler = Pick<Probe, 'exec' | 'grpc' | 'httpGet' | 'tcpSocket'>;

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'];

/** Which probe of a container it is; liveness and startup probes succeed at once. */
export type ProbeKind = 'livenessProbe' | 'readinessProbe' | 'startupProbe';

/** Checks one probe. */
export function validateProbe(probe: Probe | undefined, kind: ProbeKind, path: string): FieldError[] {
  if (probe === undefined) return [];
  const errors = validateHandler(probe, path);
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.push(...nonNegative(`${path}.${field}`, probe[field]));
  }
  if (kind !== 'readinessProbe' && probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(invalidValue(`${path}.successThreshold`, probe.successThreshold, 'must be 1'));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && kind === 'readinessProbe') {
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
  } else if (grace !== undefined && grace <= 0) {
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  return errors;
}

/** Checks what runs after start and before stop. */
export function validateLifecycle(lifecycle: Lifecycle | undefined, path: string): FieldError[] {
  const { postStart, preStop } = lifecycle ?? {};
  return [
    ...(postStart === undefined ? [] : validateHandler(postStart, `${path}.postStart`)),
    ...(preStop === undefined ? [] : validateHandler(preStop, `${path}.preStop`)),
  ];
}

function validateHandler(handler: Handler, path: string): FieldError[] {
  const errors = checkOneOf(path, handler, handlers, 'a handler type');
  const { exec, grpc, httpGet, tcpSocket } = handler;
  if (exec !== undefined && (exec.command ?? []).length === 0) errors.push(required(`${path}.exec.command`));
  if (httpGet !== undefined) {
    errors.push(...checkPort(`${path}.httpGet.port`, httpGet.port));
    for (const [index, header] of (httpGet.httpHeaders ?? []).entries()) {
      if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(header.name) || header.name === '') continue;
      const sentence =
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
      errors.push(invalidValue(`${path}.httpGet.httpHeaders[${index}].name`, header.name, sentence));
    }
  }
  if (tcpSocket !== undefined) errors.push(...checkPort(`${path}.tcpSocket.port`, tcpSocket.port));
  if (grpc !== undefined) errors.push(...checkPort(`${path}.grpc.port`, grpc.port));
  return errors;
}

/** Probes and handlers that containers of a pod's start, and containers added later, may not have. */
export function forbidLifecycle(
  container: Partial<Record<ProbeKind | 'lifecycle', unknown>>,
  path: string,
  detail: string,
): FieldError[] {
  return (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    .filter((field) => container[field] !== undefined)
    .map((field) => forbiddenField(`${path}.${field}`, detail));
}
