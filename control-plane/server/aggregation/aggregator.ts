// Aggregation: group versions that other servers answer for, as APIServices name them. Requests go on to them with the
// caller's identity; their availability is watched; discovery and OpenAPI show them beside our own. Built-in groups are
// never given away.
import type { APIService } from '../../../api/kinds/apiregistration/index.ts';
import { apiServices } from '../../../api/kinds/apiregistration/index.ts';
import type { ApiResource } from '../discovery/discovery.ts';
import type { ServerParts } from '../parts.ts';
import { followResource } from '../residents/resident.ts';
import type { ServedResources } from '../served/served-resources.ts';
import { checkAvailability, writeAvailability, type Availability } from './availability.ts';
import { apiServiceName, registerLocalApis, type LocalApi } from './local-services.ts';
import type { LocateService } from './locate-service.ts';
import { createRemoteClient, type FrontProxyIdentity, type RemoteClient } from './remote-client.ts';

const lookAgainMs = 30_000;
const lookAgainAfterFailureMs = 5_000;
const registerAgainMs = 1_000;

/** A group version that another server answers for. */
export interface RemoteApi {
  readonly group: string;
  readonly version: string;
  readonly service: Readonly<APIService>;
  readonly isAvailable: boolean;
  /** What it served when it last answered. */
  readonly resources: readonly ApiResource[];
}

export interface Aggregator {
  remote(group: string, version: string): RemoteApi | undefined;
  remotes(): readonly RemoteApi[];
  /** Grows with every change of what remotes serve. */
  readonly generation: number;
  readonly client: RemoteClient;
  readonly whenSynced: Promise<void>;
  /** Begins to watch availability and to register local APIs; ends with the server. */
  start(): void;
  close(): void;
}

export interface AggregatorOptions {
  readonly parts: ServerParts;
  readonly served: ServedResources;
  readonly signal: AbortSignal;
  readonly locate: LocateService;
  readonly identity: FrontProxyIdentity | undefined;
  /** Group versions that no APIService can take over. */
  readonly builtIn: ReadonlySet<string>;
  /** Every group version that is answered here. */
  readonly local: () => readonly LocalApi[];
}

/** Creates it; nothing is asked of anybody before `start`. */
export function createAggregator(options: AggregatorOptions): Aggregator {
  const { parts, served, signal, locate, identity, builtIn, local } = options;
  const { clock, logger } = parts;
  const client = createRemoteClient(locate, identity);
  const { resident, whenSynced } = followResource<APIService>({ ...parts, signal }, apiServices);
  const seen = new Map<string, Availability>();
  const checking = new Map<string, () => void>();
  let generation = 0;
  let builtFrom = -1;
  let byName = new Map<string, Readonly<APIService>>();

  const services = (): ReadonlyMap<string, Readonly<APIService>> => {
    if (builtFrom === resident.generation) return byName;
    builtFrom = resident.generation;
    const isRemote = ({ spec, metadata }: Readonly<APIService>): boolean =>
      spec.service !== undefined && !builtIn.has(metadata.name);
    byName = new Map(
      resident
        .list()
        .filter(isRemote)
        .map((one) => [one.metadata.name, one]),
    );
    return byName;
  };
  const apiOf = (service: Readonly<APIService>): RemoteApi => {
    const { group = '', version = '' } = service.spec;
    const found = seen.get(service.metadata.name);
    return { group, version, service, isAvailable: found?.isAvailable ?? false, resources: found?.resources ?? [] };
  };

  const look = async (name: string): Promise<void> => {
    const service = services().get(name);
    if (service === undefined || signal.aborted) return;
    const found = await checkAvailability(client, service);
    const before = seen.get(name);
    // Who does not answer keeps what it was known to serve: discovery marks it as stale.
    seen.set(name, { ...found, resources: found.resources ?? before?.resources });
    if (
      before?.isAvailable !== found.isAvailable ||
      JSON.stringify(before.resources) !== JSON.stringify(seen.get(name)?.resources)
    )
      generation++;
    try {
      await writeAvailability(parts, name, found);
    } catch (error) {
      logger.warn({ err: error, apiService: name }, 'the condition of an APIService could not be written');
    }
    schedule(name, found.isAvailable ? lookAgainMs : lookAgainAfterFailureMs);
  };

  const schedule = (name: string, delayMs: number): void => {
    checking.get(name)?.();
    if (signal.aborted) return;
    checking.set(
      name,
      clock.setTimeout(() => {
        checking.delete(name);
        void look(name);
      }, delayMs),
    );
  };

  const onChange = (previous: Readonly<APIService> | undefined, current: Readonly<APIService> | undefined): void => {
    const name = current?.metadata.name ?? previous?.metadata.name ?? '';
    if (current?.spec.service === undefined) {
      checking.get(name)?.();
      checking.delete(name);
      if (seen.delete(name) || previous?.spec.service !== undefined) generation++;
      if (current === undefined) scheduleRegistration();
    } else if (JSON.stringify(previous?.spec) !== JSON.stringify(current.spec)) {
      generation++;
      schedule(name, 0);
    }
  };

  let registering: (() => void) | undefined;
  const scheduleRegistration = (delayMs = 50): void => {
    registering?.();
    if (signal.aborted) return;
    registering = clock.setTimeout(() => {
      registerLocalApis(parts, local(), resident.list()).catch((error: unknown) => {
        if (signal.aborted) return;
        logger.warn({ err: error }, 'local APIServices could not be registered; trying again');
        scheduleRegistration(registerAgainMs);
      });
    }, delayMs);
  };

  return {
    client,
    whenSynced,
    get generation() {
      return generation;
    },
    remote(group, version) {
      if (services().size === 0) return undefined;
      const service = services().get(apiServiceName({ group, version }));
      return service === undefined ? undefined : apiOf(service);
    },
    remotes: () => [...services().values()].map(apiOf),
    start() {
      resident.onDidChange(onChange);
      for (const name of services().keys()) schedule(name, 0);
      served.onDidChange(() => scheduleRegistration());
      scheduleRegistration(0);
    },
    close() {
      for (const cancel of checking.values()) cancel();
      registering?.();
      client.close();
    },
  };
}
