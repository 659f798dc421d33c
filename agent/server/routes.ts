// What the agent's server answers, by path: upstream's kubelet paths.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AgentServerOptions } from './agent-server.ts';
import { serveAttach, serveExec } from './exec.ts';
import { serveHealth, serveMetrics, servePods, serveResourceMetrics, serveSummary } from './figures.ts';
import { serveLogs } from './logs.ts';
import { servePortForward } from './port-forward.ts';

export interface Served {
  readonly context: AgentServerOptions;
  readonly request: {
    readonly url: URL;
    /** The path's named parts, in order. */
    readonly names: readonly string[];
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  };
}

export interface Upgrading {
  readonly url: URL;
  readonly names: readonly string[];
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface Route {
  readonly path: RegExp;
  /** Served without a client certificate. */
  readonly isOpen?: boolean;
  serve(context: Served['context'], request: Served['request']): Promise<void>;
}

interface UpgradeRoute {
  readonly path: RegExp;
  serve(context: Served['context'], upgrading: Upgrading): Promise<void>;
}

export const routes: readonly Route[] = [
  { path: /^\/healthz$/, isOpen: true, serve: serveHealth },
  { path: /^\/containerLogs\/(?<namespace>[^/]+)\/(?<pod>[^/]+)\/(?<container>[^/]+)$/, serve: serveLogs },
  { path: /^\/stats\/summary$/, serve: serveSummary },
  { path: /^\/metrics$/, serve: serveMetrics },
  { path: /^\/metrics\/resource$/, serve: serveResourceMetrics },
  { path: /^\/pods\/?$/, serve: servePods },
];

export const upgradeRoutes: readonly UpgradeRoute[] = [
  { path: /^\/exec\/(?<namespace>[^/]+)\/(?<pod>[^/]+)\/(?<container>[^/]+)$/, serve: serveExec },
  { path: /^\/attach\/(?<namespace>[^/]+)\/(?<pod>[^/]+)\/(?<container>[^/]+)$/, serve: serveAttach },
  { path: /^\/portForward\/(?<namespace>[^/]+)\/(?<pod>[^/]+)$/, serve: servePortForward },
];
