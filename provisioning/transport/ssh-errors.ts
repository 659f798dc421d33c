// Turns what ssh2 and the network say at connect into the console's own sentences.
import type { MachineSpec } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';

/** The error to show for a connection that did not come about. */
export function connectionError(spec: MachineSpec, cause: unknown): ProvisioningError {
  const { name: machine, address, port, user } = spec;
  const level = typeof cause === 'object' && cause !== null && 'level' in cause ? cause.level : undefined;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isKey = /passphrase|parse privateKey|Cannot parse|unsupported key/i.test(reason);
  if (isKey) {
    const path = spec.credentials.keyPath ?? '';
    return new ProvisioningError(
      'KeyUnreadable',
      text('error.keyUnreadable', { machine, path, reason }),
      text('error.keyUnreadable.remedy'),
      cause,
    );
  }
  if (level === 'client-authentication' || /authentication methods failed/i.test(reason)) {
    return new ProvisioningError(
      'Authentication',
      text('error.authentication', { machine, user, address }),
      text('error.authentication.remedy', { user, address, port }),
      cause,
    );
  }
  return new ProvisioningError(
    'Unreachable',
    text('error.unreachable', { machine, address, port, reason }),
    text('error.unreachable.remedy'),
    cause,
  );
}
