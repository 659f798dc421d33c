// Words on who may do what, leases, certificates and custom resources.
import type { TypeWords } from './index.ts';

const rbac: TypeWords = {
  Role: { '': 'What may be done in a namespace.', rules: 'What may be done.' },
  ClusterRole: {
    '': 'What may be done everywhere, or in namespaces where it is bound.',
    rules: 'What may be done.',
    aggregationRule: 'Take the rules of other cluster roles, by label.',
  },
  PolicyRule: {
    verbs: 'get, list, watch, create, update, patch, delete, …; * for all.',
    apiGroups: 'API groups; "" is the core group.',
    resources: 'Resources, e.g. pods or pods/log; * for all.',
    resourceNames: 'Names of single objects; all when left out.',
    nonResourceURLs: 'Paths that are no resources, e.g. /healthz.',
  },
  RoleBinding: {
    '': 'Gives a role to somebody in a namespace.',
    subjects: 'To whom.',
    roleRef: 'The role. It cannot change.',
  },
  ClusterRoleBinding: {
    '': 'Gives a cluster role to somebody everywhere.',
    subjects: 'To whom.',
    roleRef: 'The role. It cannot change.',
  },
  Subject: {
    kind: 'User, Group or ServiceAccount.',
    name: 'The name.',
    namespace: 'The namespace of a service account.',
    apiGroup: 'The API group of users and groups.',
  },
  RoleRef: { kind: 'Role or ClusterRole.', name: 'The name of the role.', apiGroup: 'rbac.authorization.k8s.io.' },
};

const coordination: TypeWords = {
  Lease: {
    '': 'A claim that must be renewed: of leadership, or of being alive.',
    spec: 'Who holds it and since when.',
  },
  LeaseSpec: {
    holderIdentity: 'Who holds it.',
    leaseDurationSeconds: 'How long others wait after the last renewal.',
    acquireTime: 'When it was taken.',
    renewTime: 'When it was last renewed.',
    leaseTransitions: 'How often it changed hands.',
  },
};

const certificates: TypeWords = {
  CertificateSigningRequest: {
    '': 'A request for a certificate.',
    spec: 'What is asked for.',
    status: 'The decision and the certificate.',
  },
  CertificateSigningRequestSpec: {
    request: 'The PKCS #10 request, PEM in base64.',
    signerName: 'Who is to sign it.',
    usages: 'What the certificate is for.',
    expirationSeconds: 'How long it should be good for.',
  },
};

const apiextensions: TypeWords = {
  CustomResourceDefinition: { '': 'A kind of your own.', spec: 'What it looks like.', status: 'Whether it is served.' },
  CustomResourceDefinitionSpec: {
    group: 'The API group.',
    names: 'What the kind and its resource are called.',
    scope: 'Namespaced or Cluster.',
    versions: 'The versions; exactly one is stored.',
    conversion: 'How versions are turned into one another.',
    preserveUnknownFields: 'No longer allowed to be true.',
  },
  CustomResourceDefinitionVersion: {
    name: 'The version, e.g. v1.',
    served: 'Whether it is served.',
    storage: 'Whether it is the one that is stored.',
    schema: 'What objects look like.',
    subresources: 'Whether there is a status and a scale.',
    additionalPrinterColumns: 'Columns for kubectl get.',
    selectableFields: 'Fields that field selectors may ask for.',
    deprecated: 'Whether clients are warned.',
  },
};

export const accessWords = { rbac, coordination, certificates, apiextensions };
