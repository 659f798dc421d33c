// What every request handler may use: built once by createApiServer, passed down, never global.
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { Store } from '../store/contract.ts';
import type { Admission } from './admission/admission.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import type { RequestMetrics } from './metrics/request-metrics.ts';
import type { Reader } from './registry/reader.ts';
import type { ServedResources } from './served/served-resources.ts';

/** The shared parts of one server. */
export interface ServerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly served: ServedResources;
  readonly reader: Reader;
  readonly admission: Admission;
  readonly authorizer: Authorizer;
  readonly metrics: Pick<RequestMetrics, 'watchEvents' | 'watcherCut'>;
}
