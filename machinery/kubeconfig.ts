// Reads and writes kubeconfig files of any Kubernetes cluster, and says how to reach one of its clusters.
// Data and file fields both work (files are read at once, relative to the kubeconfig); exec and auth-provider plugins
// are refused with a sentence that says so. A list of further servers of one cluster is kept in a cluster extension.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, stringify } from 'yaml';

/** How to reach a cluster's API and as whom. Certificates and keys are PEM text. */
export interface ClusterAccess {
  /** Base URLs of equal API servers, tried in order; never empty. */
  servers: string[];
  ca?: string;
  cert?: string;
  key?: string;
  token?: string;
  /** A file whose content is the token, read again when it changes. */
  tokenFile?: string;
  username?: string;
  password?: string;
  /** Accept any server certificate. */
  insecure?: boolean;
  /** The name to expect in the server's certificate, when not the URL's host. */
  serverName?: string;
  /** The context's namespace, `default` when it has none. */
  namespace?: string;
}

interface Named<K extends string, V> {
  entries: (Record<'name', string> & Partial<Record<K, V>>)[];
}
interface ClusterFields {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
  extensions?: { name: string; extension?: unknown }[];
}
interface UserFields {
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  exec?: { command?: string };
  'auth-provider'?: { name?: string };
}
interface ContextFields {
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** A parsed kubeconfig file. */
export interface Kubeconfig {
  currentContext?: string;
  clusters: Named<'cluster', ClusterFields>['entries'];
  users: Named<'user', UserFields>['entries'];
  contexts: Named<'context', ContextFields>['entries'];
  /** Where file fields are relative to. */
  directory: string;
}

const serversExtension = 'pilothouse.io/servers';

/** Parses a kubeconfig given as its text or as the path of the file. Throws a sentence naming the file when it is none. */
export function loadKubeconfig(pathOrText: string): Kubeconfig {
  const isPath = !pathOrText.includes('\n') && existsSync(pathOrText);
  if (!isPath && !/clusters"?\s*:/.test(pathOrText))
    throw new Error(`there is no kubeconfig at ${pathOrText.slice(0, 200)}`);
  const where = isPath ? pathOrText : 'the given text';
  let document: unknown;
  try {
    document = parse(isPath ? readFileSync(pathOrText, 'utf8') : pathOrText);
  } catch (cause) {
    throw new Error(`reading the kubeconfig ${where}: it is not YAML`, { cause });
  }
  if (typeof document !== 'object' || document === null) throw new Error(`the kubeconfig ${where} is empty`);
  const fields = document as Record<string, unknown>;
  const list = <T>(name: string): T[] => (Array.isArray(fields[name]) ? (fields[name] as T[]) : []);
  return {
    currentContext: typeof fields['current-context'] === 'string' ? fields['current-context'] : undefined,
    clusters: list('clusters'),
    users: list('users'),
    contexts: list('contexts'),
    directory: isPath ? dirname(resolve(pathOrText)) : process.cwd(),
  };
}

/** The access that a context (the current one by default, or the only one) describes. */
export function clusterOf(config: Kubeconfig, contextName?: string): ClusterAccess {
  const only = config.contexts.length === 1 ? config.contexts[0]?.name : undefined;
  const name = contextName ?? (config.currentContext || only);
  const context = config.contexts.find((entry) => entry.name === name)?.context;
  if (context === undefined) throw new Error(`the kubeconfig has no context ${JSON.stringify(name ?? '')}`);
  const cluster = config.clusters.find((entry) => entry.name === context.cluster)?.cluster;
  if (cluster?.server === undefined)
    throw new Error(`the kubeconfig has no cluster ${JSON.stringify(context.cluster ?? '')} with a server`);
  const user = config.users.find((entry) => entry.name === context.user)?.user ?? {};
  refuseUnsupported(cluster, user);

  const pem = (data: string | undefined, path: string | undefined): string | undefined => {
    if (data) return Buffer.from(data, 'base64').toString('utf8');
    return path ? readFileSync(resolve(config.directory, path), 'utf8') : undefined;
  };
  const further = cluster.extensions?.find((entry) => entry.name === serversExtension)?.extension;
  const servers = [cluster.server, ...(Array.isArray(further) ? further.map(String) : [])];
  return {
    servers: [...new Set(servers.map((server) => server.replace(/\/+$/, '')))],
    ca: pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    cert: pem(user['client-certificate-data'], user['client-certificate']),
    key: pem(user['client-key-data'], user['client-key']),
    token: user.token,
    tokenFile: user.token || !user.tokenFile ? undefined : resolve(config.directory, user.tokenFile),
    username: user.username,
    password: user.password,
    insecure: cluster['insecure-skip-tls-verify'] === true ? true : undefined,
    serverName: cluster['tls-server-name'],
    namespace: context.namespace ?? 'default',
  };
}

function refuseUnsupported(cluster: ClusterFields, user: UserFields): void {
  const plugin = user.exec
    ? `the exec plugin ${user.exec.command ?? ''}`
    : user['auth-provider']
      ? 'an auth-provider plugin'
      : undefined;
  if (plugin && !user.token && !user['client-certificate-data'] && !user['client-certificate']) {
    throw new Error(
      `this kubeconfig's user logs in through ${plugin}, which Pilothouse does not run; use a token or a client certificate instead`,
    );
  }
  if (cluster['proxy-url'])
    throw new Error('this kubeconfig names a proxy-url, which Pilothouse does not support; name the API server itself');
}

/** The text of a kubeconfig with one cluster, one user and one context, readable by any Kubernetes client. */
export function formatKubeconfig(name: string, access: ClusterAccess, userName: string = `${name}-admin`): string {
  const [server, ...further] = access.servers;
  const base64 = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      {
        name,
        cluster: {
          server,
          'certificate-authority-data': base64(access.ca),
          'insecure-skip-tls-verify': access.insecure,
          'tls-server-name': access.serverName,
          extensions: further.length > 0 ? [{ name: serversExtension, extension: further }] : undefined,
        },
      },
    ],
    users: [
      {
        name: userName,
        user: {
          'client-certificate-data': base64(access.cert),
          'client-key-data': base64(access.key),
          token: access.token,
          tokenFile: access.tokenFile,
          username: access.username,
          password: access.password,
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: userName, namespace: access.namespace } }],
  });
}
