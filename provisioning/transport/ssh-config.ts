// What the administrator's ~/.ssh/config says about a host, in the few words that provisioning understands: HostName,
// Port, User, IdentityFile, IdentityAgent, ProxyJump. `Match exec` is never run. What the cluster file says wins.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import SSHConfig from 'ssh-config';

/** The settings of one host; absent where the file says nothing. */
export interface SshHostSettings {
  readonly hostName?: string;
  readonly port?: number;
  readonly user?: string;
  readonly identityFile?: string;
  /** Jump hosts in their order, each `[user@]host[:port]`. */
  readonly proxyJump: readonly string[];
}

/** Looks hosts up by the name that the administrator uses. */
export interface SshConfig {
  lookUp(host: string): SshHostSettings;
}

/** Reads OpenSSH's client configuration from text. */
export function parseSshConfig(content: string): SshConfig {
  const config = SSHConfig.parse(content);
  return {
    lookUp(host) {
      const found: Record<string, string | string[]> = config.compute(host, { ignoreCase: true, matchExec: false });
      const first = (name: string): string | undefined => {
        const value = found[name.toLowerCase()] ?? found[name];
        return Array.isArray(value) ? value[0] : value;
      };
      const jump = first('ProxyJump');
      const hostName = first('HostName')?.replaceAll('%h', host);
      const port = Number(first('Port'));
      return {
        ...(hostName === undefined ? {} : { hostName }),
        ...(Number.isInteger(port) && port > 0 ? { port } : {}),
        ...(first('User') === undefined ? {} : { user: first('User') }),
        ...(first('IdentityFile') === undefined ? {} : { identityFile: first('IdentityFile') }),
        proxyJump: jump === undefined || jump === 'none' ? [] : jump.split(',').map((each) => each.trim()),
      };
    },
  };
}

/** The administrator's own file; empty when there is none. */
export function userSshConfig(path: string = join(homedir(), '.ssh', 'config')): SshConfig {
  let content = '';
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return parseSshConfig(content);
}

/** The parts of `[user@]host[:port]`. */
export function parseDestination(text: string): { user?: string; host: string; port?: number } {
  const match = /^(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text.replace(/^ssh:\/\//, ''));
  const [, user, host = text, port] = match ?? [];
  return {
    host: host.replace(/^\[|\]$/g, ''),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}
