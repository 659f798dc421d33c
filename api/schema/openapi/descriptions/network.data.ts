// Words on services, endpoints, ingresses and network policies.
import type { TypeWords } from './index.ts';

const core: TypeWords = {
  Service: {
    '': 'A steady name and address for a changing set of pods.',
    spec: 'Which pods, and how they are reached.',
    status: 'What a load balancer gave.',
  },
  ServiceSpec: {
    type: 'ClusterIP (inside the cluster), NodePort (also a port of every node), LoadBalancer, or ExternalName (an alias).',
    selector: 'The labels of the pods that traffic goes to. Without it, endpoints are yours to make.',
    ports: 'The ports of the service.',
    clusterIP:
      'The address inside the cluster. None makes the service headless: its name leads to the pods themselves.',
    clusterIPs: 'The addresses inside the cluster, at most one of each family.',
    externalIPs: 'Further addresses of nodes that lead here.',
    externalName: 'The name that an ExternalName service stands for.',
    externalTrafficPolicy:
      'Cluster, or Local: only to pods on the node that was asked, which keeps the client address.',
    internalTrafficPolicy: 'Cluster, or Local: only to pods on the same node.',
    sessionAffinity: 'None, or ClientIP: one client always meets the same pod.',
    sessionAffinityConfig: 'For how long a client meets the same pod.',
    ipFamilies: 'IPv4, IPv6 or both.',
    ipFamilyPolicy: 'SingleStack, PreferDualStack or RequireDualStack.',
    publishNotReadyAddresses: 'Whether pods that are not ready are endpoints too.',
    loadBalancerClass: 'Which kind of load balancer is meant.',
    loadBalancerSourceRanges: 'Which clients a load balancer lets in.',
    allocateLoadBalancerNodePorts: 'Whether a load balancer needs node ports.',
    healthCheckNodePort: 'The port where load balancers ask whether a node has pods.',
    trafficDistribution: 'Which endpoints are preferred, e.g. close ones.',
  },
  ServicePort: {
    name: 'The name of the port; needed when there are several.',
    port: 'The port of the service.',
    targetPort: 'The port of the pods, by number or name; the same by default.',
    nodePort: 'The port of every node; one is given when left out.',
    protocol: 'TCP, UDP or SCTP.',
    appProtocol: 'What is spoken on the port, for those who care.',
  },
  Endpoints: {
    '': 'The addresses behind a service, in the old form. See EndpointSlice.',
    subsets: 'Addresses that share ports.',
  },
};

const networking: TypeWords = {
  Ingress: { '': 'Rules that lead HTTP from outside to services.', spec: 'The rules.', status: 'Where it is reached.' },
  IngressSpec: {
    ingressClassName: 'Which controller serves it.',
    defaultBackend: 'Where requests go that no rule matches.',
    rules: 'Which host and path leads where.',
    tls: 'Certificates for hosts.',
  },
  IngressRule: { host: 'The host; *.DOMAIN for every host of a domain, empty for all.', http: 'The paths.' },
  HTTPIngressPath: {
    path: 'The path.',
    pathType: 'Exact, Prefix (whole segments) or ImplementationSpecific.',
    backend: 'Where it leads.',
  },
  IngressBackend: { service: 'A port of a service.', resource: 'Another object that serves it.' },
  NetworkPolicy: {
    '': 'Which traffic pods take and send. Pods that no policy chooses take and send everything.',
    spec: 'The rules.',
  },
  NetworkPolicySpec: {
    podSelector: 'The pods that the policy is for; empty for all of the namespace.',
    policyTypes: 'Ingress, Egress or both: which directions are restricted.',
    ingress: 'What the pods may receive.',
    egress: 'What the pods may send.',
  },
  NetworkPolicyIngressRule: {
    from: 'From whom; everybody when left out.',
    ports: 'On which ports; all when left out.',
  },
  NetworkPolicyEgressRule: { to: 'To whom; everybody when left out.', ports: 'To which ports; all when left out.' },
  NetworkPolicyPeer: {
    podSelector: 'Pods, by label.',
    namespaceSelector: 'Namespaces, by label.',
    ipBlock: 'Addresses.',
  },
};

const discovery: TypeWords = {
  EndpointSlice: {
    '': 'Some of the addresses behind a service.',
    addressType: 'IPv4, IPv6 or FQDN.',
    endpoints: 'The addresses, with their state.',
    ports: 'The ports of every address.',
  },
  Endpoint: {
    addresses: 'The addresses; clients may use the first.',
    conditions: 'Whether it is ready, serving or terminating.',
    hostname: 'The host name of the pod.',
    nodeName: 'The node of the pod.',
    targetRef: 'The pod.',
    zone: 'The zone of the node.',
    hints: 'Who should use this endpoint.',
  },
};

export const networkWords = { core, networking, discovery };
