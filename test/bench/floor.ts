// The ceilings of this machine for the bars of test/bench/api.ts: the same ruler on a server that does none of the work.
// A bar that the ceiling itself does not reach cannot be met here, whatever the control plane does.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { end, figure, load, type Phases } from './plane.ts';
import type { Figure } from './report.ts';

/** Loads a floor server with phases of the ruler. */
async function loadFloor(only: string, withEtcd: boolean, log: (line: string) => void): Promise<Phases> {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-bench-floor-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const program = join(import.meta.dirname, 'floor-server.ts');
  const child = spawn(process.execPath, [program, kubeconfig, ...(withEtcd ? ['etcd'] : [])], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await until('the floor server', () => existsSync(kubeconfig), 60_000);
    return await load({ kubeconfig, pids: { server: child.pid ?? 0 }, readyMs: 0 }, only, log);
  } finally {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a bare server reaches in the same phases. */
export async function measureFloor(log: (line: string) => void): Promise<Figure[]> {
  log('the floor: a bare HTTPS server with the same bytes, then one that puts each write into etcd');
  const bare = await loadFloor('b,c,d', false, log);
  const putting = await loadFloor('a,d', true, log);
  const rate = (name: string, value: number, unit: Figure['unit']): Figure => ({ name: `floor: ${name}`, value, unit });
  return [
    rate('create, one etcd transaction each', figure(putting, 'a', 'create pods', 'per_s'), '/s'),
    rate('GET, 64 clients', figure(bare, 'b', 'GET pod, 64 clients', 'per_s'), '/s'),
    rate('GET, one client, p50', figure(bare, 'b', 'GET pod, 1 client', 'p50_ms'), 'ms'),
    rate('LIST full', figure(bare, 'c', 'LIST full', 'p50_ms'), 'ms'),
    rate('LIST full, rate', figure(bare, 'c', 'LIST full', 'mb_per_s'), 'MB/s'),
    rate('LIST limit=500, rate', figure(bare, 'c', 'LIST limit=500', 'mb_per_s'), 'MB/s'),
    rate('50 watchers, patches flat out, no etcd', figure(bare, 'd', 'watch, burst', 'per_s'), '/s'),
    rate('50 watchers, patches flat out, etcd', figure(putting, 'd', 'watch, burst', 'per_s'), '/s'),
    rate('50 watchers, 100 writes/s, p50', figure(putting, 'd', 'watch, 100 writes/s', 'p50_ms'), 'ms'),
    rate('50 watchers, 100 writes/s, p99', figure(putting, 'd', 'watch, 100 writes/s', 'p99_ms'), 'ms'),
  ];
}
