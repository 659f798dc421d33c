// Errors as the console shows them: one table from reasons to what a person can do next.
// Foreign errors are translated here and nowhere else; their causes stay in the log.
import { ApiError } from '../../api/meta/status.ts';
import type { ConsoleError, ErrorReason, LocalText } from '../../api/console/index.ts';
import { ProvisioningError } from '../../provisioning/errors.ts';

/** An error that already speaks to a person. */
export class ServiceError extends Error {
  readonly error: ConsoleError;
  constructor(reason: ErrorReason, message: string, options?: { remedy?: string; cause?: unknown }) {
    super(message, { cause: options?.cause });
    this.name = 'ServiceError';
    this.error = { reason, message, remedy: options?.remedy ?? remedies[reason] };
  }
}

/** A refusal in both languages. */
export function refusalOf(reason: ErrorReason, message: LocalText, remedy: LocalText): ServiceError {
  const error = new ServiceError(reason, message.en, { remedy: remedy.en });
  return Object.assign(error, { error: { ...error.error, local: { message, remedy } } });
}

/** What to do next, per reason. The renderer says the same in its languages. */
export const remedies: Readonly<Record<ErrorReason, string>> = {
  Unreachable: 'Check that the machine is on and that this computer can reach the address, then try again.',
  Unauthorized: 'Import a fresh kubeconfig: the credentials have expired or were revoked.',
  Forbidden: 'Ask whoever administers the cluster for the permission named here.',
  NotFound: 'It was removed meanwhile. Go back to the list.',
  AlreadyExists: 'Choose another name, or change the existing one.',
  Conflict: 'Somebody changed it at the same time. Look at it again, then repeat the change.',
  Invalid: 'Correct the marked values and try again.',
  BadRequest: 'Correct the request and try again.',
  Expired: 'Open the page again to start from the present state.',
  TooManyRequests: 'The server is busy. Wait a moment and try again.',
  NotSupported: 'This cluster does not offer it.',
  UnknownCluster: 'The cluster is not known to this console. Import its kubeconfig.',
  BadKubeconfig: 'Choose a kubeconfig file with a server and credentials.',
  Disconnected: 'Wait for the connection to come back, then try again.',
  Cancelled: 'Start it again when you want to.',
  Internal: 'Try again. If it stays, the log of the console says more.',
};

const reasonByStatus: Readonly<Record<string, ErrorReason>> = {
  BadRequest: 'BadRequest',
  Unauthorized: 'Unauthorized',
  Forbidden: 'Forbidden',
  NotFound: 'NotFound',
  MethodNotAllowed: 'NotSupported',
  NotAcceptable: 'NotSupported',
  AlreadyExists: 'AlreadyExists',
  Conflict: 'Conflict',
  Gone: 'Expired',
  Expired: 'Expired',
  RequestEntityTooLarge: 'BadRequest',
  UnsupportedMediaType: 'NotSupported',
  Invalid: 'Invalid',
  TooManyRequests: 'TooManyRequests',
  ServiceUnavailable: 'Unreachable',
  ServerTimeout: 'Unreachable',
  Timeout: 'Unreachable',
};

/** Any thrown thing as a ConsoleError. */
export function toConsoleError(error: unknown): ConsoleError {
  if (error instanceof ServiceError) return error.error;
  if (error instanceof ApiError) {
    const reason = reasonByStatus[error.reason] ?? 'Internal';
    const fields = error.status.details?.causes?.flatMap(({ field, message }) =>
      field === undefined || message === undefined ? [] : [{ path: field, message }],
    );
    return { reason, message: error.message, remedy: remedies[reason], fields: fields?.length ? fields : undefined };
  }
  if (error instanceof ProvisioningError) return provisioningError(error);
  if (error instanceof Error && error.name === 'AbortError') {
    return { reason: 'Cancelled', message: 'It was cancelled.', remedy: remedies.Cancelled };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { reason: 'Internal', message, remedy: remedies.Internal };
}

const reasonByProvisioning: Readonly<Record<string, ErrorReason>> = {
  ClusterFile: 'Invalid',
  Unreachable: 'Unreachable',
  Unauthorized: 'Unauthorized',
};

function provisioningError({ reason, text, remedy }: ProvisioningError): ConsoleError {
  const known = reasonByProvisioning[reason] ?? 'Internal';
  return {
    reason: known,
    message: text.en,
    remedy: remedy?.en ?? remedies[known],
    local: {
      message: { en: text.en, 'zh-CN': text['zh-CN'] },
      remedy: remedy && { en: remedy.en, 'zh-CN': remedy['zh-CN'] },
    },
  };
}
