// What the composition root hands to the API server. PEM texts, not paths: this part reads no files.
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { Transport } from '../../machinery/transport/contract.ts';
import type { Store } from '../store/contract.ts';
import type { ApiResource } from './discovery/discovery.ts';
import type { PodSecurityOptions } from './admission/pod-security/pod-security.ts';
import type { LocateService } from './aggregation/locate-service.ts';
import type { JwtAuthenticatorConfiguration } from './authentication/oidc/read-configuration.ts';
import type { AuditSink } from './audit/auditor.ts';
import type { AuditPolicy } from './audit/policy.ts';
import type { ResourceRequestInfo } from './request/request-info.ts';
import type { ResourceDefinition } from '../../api/kinds/resource.ts';

/** A bearer token that is known from the start, as upstream's static token file has it. */
export interface StaticToken {
  readonly token: string;
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** Everything that the API server needs from the outside. */
export interface ApiServerOptions {
  readonly store: Store;
  readonly catalogue: readonly ResourceDefinition[];
  readonly listen: { readonly host: string; readonly port: number };
  /** The address that other machines and pods reach this server at; by default where it listens. */
  readonly advertiseAddress?: string;
  /** Serving certificate, and the authority that client certificates must come from. */
  readonly tls: { readonly certificate: string; readonly key: string; readonly clientCa: string };
  /** Keys of service account tokens; `issuer` defaults to upstream's in-cluster name. */
  readonly serviceAccounts: {
    readonly signingKey: string;
    readonly verificationKeys: readonly string[];
    readonly issuer?: string;
    readonly audiences?: readonly string[];
  };
  /** How agents are reached for logs, exec and node proxies; without it those answer 503. */
  readonly kubelet?: {
    readonly certificate: string;
    readonly key: string;
    readonly ca?: string;
    readonly port?: number;
  };
  readonly staticTokens?: readonly StaticToken[];
  /** Issuers of OpenID Connect tokens that are believed; by default none. */
  readonly jwtIssuers?: readonly JwtAuthenticatorConfiguration[];
  /** Default 10.96.0.0/16. */
  readonly serviceCidr?: string;
  /** Inclusive; default 30000–32767. */
  readonly nodePortRange?: { readonly first: number; readonly last: number };
  /** How long pods stay on an unreachable or unready node unless they say otherwise; default 300. */
  readonly defaultTolerationSeconds?: number;
  /** Levels of namespaces without labels, and exemptions; by default nothing is demanded and nobody exempt. */
  readonly podSecurity?: PodSecurityOptions;
  /** What is recorded of requests, and where to; without it nothing is. */
  readonly audit?: { readonly policy: AuditPolicy; readonly sink: AuditSink };
  /** Who this server is to aggregated servers, and whom they may believe; without it they are asked without a name. */
  readonly frontProxy?: { readonly certificate: string; readonly key: string; readonly ca: string };
  /** Finds the services of APIServices; by default one ready endpoint of each, asked directly. */
  readonly locateService?: LocateService;
  /** API groups that somebody outside this server answers. */
  readonly extensions?: readonly ApiExtension[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One API group answered from outside: requests arrive authenticated and authorized, answers are plain JSON values. */
export interface ApiExtension {
  readonly group: string;
  readonly version: string;
  /** What discovery tells of it. */
  readonly resources?: readonly ApiResource[];
  /** Answers, or throws an ApiError; one that it does not know is a NotFound. */
  serve(request: ExtensionRequest): Promise<{ readonly code: number; readonly body: unknown }>;
}

export interface ExtensionRequest {
  readonly info: ResourceRequestInfo;
  readonly query: URLSearchParams;
  /** The decoded body, within the server's limits. */
  body(): Promise<unknown>;
  readonly signal: AbortSignal;
}

/** A running API server. */
export interface ApiServer {
  /** Starts the background caches, reconciles bootstrap objects and opens the port; resolves once requests are answered. */
  listen(): Promise<void>;
  /** `https://host:port` with the port that was really bound; valid after `listen()`. */
  readonly url: string;
  /** What the next connections meet, after certificates were renewed; those that stand go on. */
  setCertificates(tls: ApiServerOptions['tls']): void;
  /** A way in for parts of the same process, as that user: no socket, and otherwise like everybody's requests. */
  transportAs(who: { readonly user: string; readonly groups: readonly string[] }): Transport;
  /** Names of readiness checks that do not pass yet; empty when ready. */
  readiness(): Promise<readonly string[]>;
  /** Ends watches, waits briefly for running requests, closes every connection. Idempotent. */
  close(): Promise<void>;
}
