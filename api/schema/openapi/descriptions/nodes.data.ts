// Words on nodes, namespaces and events.
import type { TypeWords } from './index.ts';

export const nodeWords: TypeWords = {
  Node: {
    '': 'A machine that runs pods.',
    spec: 'How the node is to be used.',
    status: 'What the node has and how it is. Its agent reports it.',
  },
  NodeSpec: {
    unschedulable: 'Whether new pods stay away (kubectl cordon).',
    taints: 'What keeps pods away that do not tolerate it.',
    podCIDR: "The range of the node's pods.",
    podCIDRs: "The ranges of the node's pods, at most one of each family.",
    providerID: 'What the machine is called by whoever provides it.',
  },
  Taint: {
    key: 'The name of the taint.',
    value: 'The value of the taint.',
    effect: 'NoSchedule keeps new pods away, PreferNoSchedule tries to, NoExecute also sends running ones off.',
    timeAdded: 'When a NoExecute taint appeared.',
  },
  NodeStatus: {
    capacity: 'What the machine has.',
    allocatable: 'What of it pods may use.',
    conditions: 'Whether the node is ready, and short of memory, disk or processes.',
    addresses: 'How to reach the node.',
    nodeInfo: 'Versions of what runs on the node.',
    images: 'Images that are on the node.',
    daemonEndpoints: "Where the node's agent listens.",
  },
  NodeCondition: {
    type: 'Ready, MemoryPressure, DiskPressure, PIDPressure or NetworkUnavailable.',
    status: 'True, False or Unknown.',
    lastHeartbeatTime: 'When the node last said so.',
    lastTransitionTime: 'When the status last changed.',
  },
  Namespace: {
    '': 'A name space of its own: names are unique within it, and access and quotas are given for it.',
    spec: 'How the namespace behaves.',
    status: 'Whether it is active or on its way out.',
  },
  NamespaceStatus: { phase: 'Active, or Terminating.', conditions: 'What is still in the way of its removal.' },
  Event: {
    '': 'Something that happened to an object. Events are kept for an hour.',
    involvedObject: 'What it happened to.',
    reason: 'What happened, in one word.',
    message: 'What happened, in a sentence.',
    type: 'Normal or Warning.',
    count: 'How often it happened.',
    firstTimestamp: 'When it first happened.',
    lastTimestamp: 'When it last happened.',
    eventTime: 'When it happened, exactly.',
    source: 'Who says so.',
    reportingComponent: 'Who says so.',
    reportingInstance: 'Which instance of it says so.',
    related: 'Another object that has to do with it.',
    series: 'How often and until when it happened, when it went on.',
  },
};
