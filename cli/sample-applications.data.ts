// The applications that `npm start` deploys so that a fresh cluster has something to show.

/** One Deployment, and the Service before it when it has a port. */
export interface SampleApplication {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly image: string;
  readonly cpu: string;
  readonly memory: string;
  readonly port?: number;
  readonly nodePort?: number;
}

/** The sample web application of the local lab: real containers, an image built here. */
export const labApplication: SampleApplication = {
  namespace: 'default',
  name: 'web',
  replicas: 2,
  image: 'pilothouse.local/sample-web:1',
  cpu: '50m',
  memory: '32Mi',
  port: 8080,
  nodePort: 30080,
};

const shop = (name: string, replicas: number, cpu: string, memory: string, port?: number): SampleApplication => ({
  namespace: 'shop',
  name,
  replicas,
  image: `registry.example/shop/${name}:1.4.2`,
  cpu,
  memory,
  ...(port === undefined ? {} : { port }),
});

const data = (name: string, replicas: number, cpu: string, memory: string): SampleApplication => ({
  namespace: 'data',
  name,
  replicas,
  image: `registry.example/data/${name}:7.2.0`,
  cpu,
  memory,
});

/** What the simulated cluster runs on its 50 hollow nodes. */
export const simulatedApplications: readonly SampleApplication[] = [
  shop('frontend', 24, '250m', '128Mi', 8080),
  shop('catalogue', 40, '500m', '512Mi', 8080),
  shop('checkout', 16, '500m', '256Mi', 8080),
  shop('search', 30, '1', '1Gi', 9200),
  shop('recommendations', 12, '2', '2Gi'),
  data('cache', 18, '500m', '2Gi'),
  data('ingest', 36, '250m', '256Mi'),
  data('reports', 6, '3', '6Gi'),
];
