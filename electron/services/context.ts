// What commands and streams stand on.
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { ProvisionOptions } from '../../provisioning/contract.ts';
import type { ChangeLog } from './changes/change-log.ts';
import type { ClusterRegistry } from './clusters/registry.ts';
import type { DrillLog } from './drill/drill-log.ts';
import type { Forwards } from './forwards/forwards.ts';
import type { NotificationCenter } from './notifications/center.ts';
import type { ProvisioningRuns } from './provisioning/runs.ts';
import type { SettingsStore } from './state/settings.ts';
import type { Trails } from './trail/trails.ts';

export interface Context {
  readonly home: string;
  /** Where programs for machines lie, in a packaged console. */
  readonly programs?: Pick<ProvisionOptions, 'programsDir' | 'nodePath'>;
  readonly clusters: ClusterRegistry;
  readonly settings: SettingsStore;
  readonly changes: ChangeLog;
  readonly drills: DrillLog;
  readonly trails: Trails;
  readonly runs: ProvisioningRuns;
  readonly forwards: Forwards;
  readonly notifications: NotificationCenter;
  readonly clock: Clock;
  readonly logger: Logger;
}
