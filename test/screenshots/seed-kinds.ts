// Something of every kind to see: workloads beside Deployments, configuration, storage, network, access, a custom kind.
import { catalogue } from '../../api/kinds/catalogue.ts';
import type { Draft, KubernetesObject } from '../../api/meta/object-meta.ts';
import { isApiError } from '../../api/meta/status.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { until } from '../support/until.ts';
import { connect } from './seed.ts';

const labels = { app: 'ledger' };
const pod = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'harbour/ledger:1.0' }] } };
const usesConfiguration = {
  metadata: { labels },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'harbour/ledger:1.0',
        ports: [{ containerPort: 8080, name: 'http' }],
        envFrom: [{ configMapRef: { name: 'ledger-settings' } }],
        env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'ledger-keys', key: 'token' } } }],
      },
    ],
  },
};
const job = { template: { spec: { restartPolicy: 'Never', containers: pod.spec.containers } } };

interface SeedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [field: string]: unknown;
}

/** What is made, in this order; all in the namespace `shop` unless the kind has none. */
export const objects: readonly SeedObject[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ledger-settings' },
    data: { 'app.yaml': 'mode: fast\nlimit: 20\n', REGION: 'north' },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'ledger-keys' }, stringData: { token: 'not-for-everybody' } },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'ledger' },
    spec: { replicas: 3, serviceName: 'ledger', selector: { matchLabels: labels }, template: usesConfiguration },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'ledger' },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'lookout' },
    spec: {
      selector: { matchLabels: { app: 'lookout' } },
      template: { ...pod, metadata: { labels: { app: 'lookout' } } },
    },
  },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tidy' },
    spec: { schedule: '0 4 * * *', jobTemplate: { spec: job } },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'ledger-only-from-cart' },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'cart' } } }], ports: [{ port: 8080 }] }],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'ledger' },
    spec: {
      rules: [
        {
          host: 'ledger.example',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'ledger', port: { number: 80 } } } }],
          },
        },
      ],
    },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'cart' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' },
      minReplicas: 4,
      maxReplicas: 30,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'ledger-data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'harbour-pilot' },
    rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch', 'patch'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'pilots' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'harbour-pilot' },
    subjects: [{ kind: 'User', name: 'ada', apiGroup: 'rbac.authorization.k8s.io' }],
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'dinghies.boats.example' },
    spec: {
      group: 'boats.example',
      scope: 'Namespaced',
      names: { kind: 'Dinghy', listKind: 'DinghyList', plural: 'dinghies', singular: 'dinghy' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { seats: { type: 'integer' } } } },
            },
          },
          additionalPrinterColumns: [{ name: 'Seats', type: 'integer', jsonPath: '.spec.seats' }],
        },
      ],
    },
  },
  { apiVersion: 'boats.example/v1', kind: 'Dinghy', metadata: { name: 'tender' }, spec: { seats: 4 } },
];

const dinghies = { group: 'boats.example', version: 'v1', kind: 'Dinghy', plural: 'dinghies', namespaced: true };

async function create(client: RestClient, object: SeedObject): Promise<void> {
  const known = catalogue.find(
    ({ group, version, kind }) =>
      kind === object.kind && (group === '' ? version : `${group}/${version}`) === object.apiVersion,
  );
  const resource = known ?? dinghies;
  try {
    await client
      .resource(resource, resource.namespaced ? 'shop' : undefined)
      .create(object as unknown as Draft<KubernetesObject>);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

/** Makes everything; the namespace `shop` must exist. Running it again changes nothing. */
export async function seedKinds(kubeconfig: string): Promise<void> {
  const client = connect(kubeconfig);
  for (const object of objects) {
    if (object.kind === 'Dinghy')
      await until('the custom kind to be served', async () => {
        const { status } = await client.request({ method: 'GET', path: '/apis/boats.example/v1/dinghies' });
        return status === 200;
      });
    await create(client, object);
  }
  client.close();
}
