// Health-check node ports (external traffic policy Local): a load balancer in front asks every node whether it has an
// endpoint of the Service. Answers as upstream does: 200 with at least one ready local endpoint, else 503, and the counts.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Logger } from '../../machinery/logger.ts';

export interface HealthCheck {
  readonly port: number;
  readonly localEndpoints: number;
}

export interface HealthChecks {
  /** Sets, or with undefined removes, what is answered for a Service ("namespace/name"). */
  update(service: string, check: HealthCheck | undefined): void;
  close(): void;
}

interface Answering {
  readonly server: Server;
  check: HealthCheck;
}

/** No ports until told; a port that is taken is logged and tried again at the Service's next change. */
export function createHealthChecks(logger: Logger, address?: string): HealthChecks {
  const answering = new Map<string, Answering>();

  const listen = (service: string, check: HealthCheck): Answering => {
    const [namespace, name] = service.split('/');
    const entry: Answering = {
      check,
      server: createServer((_request, response) => {
        const { localEndpoints } = entry.check;
        response.writeHead(localEndpoints > 0 ? 200 : 503, {
          'Content-Type': 'application/json',
          'X-Content-Type-Options': 'nosniff',
          'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
        });
        response.end(JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: true }));
      }),
    };
    entry.server.on('error', (err) => {
      logger.warn({ err, service, port: check.port }, 'the health-check node port cannot be opened');
      if (answering.get(service) === entry) answering.delete(service);
    });
    entry.server.listen(check.port, address);
    entry.server.unref();
    return entry;
  };
  const end = (service: string): void => {
    const entry = answering.get(service);
    answering.delete(service);
    entry?.server.close();
    entry?.server.closeAllConnections();
  };
  return {
    update(service, check) {
      const entry = answering.get(service);
      if (check === undefined || entry?.check.port !== check.port) end(service);
      if (check === undefined) return;
      if (entry?.check.port === check.port) entry.check = check;
      else answering.set(service, listen(service, check));
    },
    close() {
      for (const service of [...answering.keys()]) end(service);
    },
  };
}
