// An API server that lies: it answers as a real one does, but puts any text in place of a mark, as none of ours would ever
// keep it. For reading only; its watches stay silent.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatKubeconfig } from '../../machinery/kubeconfig.ts';
import type { RestClient } from '../../machinery/rest-client.ts';

export interface HostileApi {
  readonly kubeconfig: string;
  close(): void;
}

/** Starts it before the API that `client` asks; every `mark` in its answers becomes `text`. */
export async function startHostileApi(client: RestClient, mark: string, text: string): Promise<HostileApi> {
  const escaped = JSON.stringify(text).slice(1, -1);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.searchParams.has('watch')) return void response.writeHead(200).flushHeaders();
    client
      .request({
        method: 'GET',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { accept: request.headers.accept ?? 'application/json' },
      })
      .then(async (answer) => {
        const body = (await answer.text()).replaceAll(mark, () => escaped);
        response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? 'application/json' });
        response.end(body);
      })
      .catch(() => response.writeHead(502).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: formatKubeconfig('liar', { servers: [`http://127.0.0.1:${port}`], token: 'any' }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
