// Questions asked of containers again and again, and what is done at their start and end.
import { atomicList, define, int32, int64, intOrString, oneOf, required, string } from '../../schema/vocabulary.ts';

export class ExecAction extends define('io.k8s.api.core.v1.ExecAction', {
  command: atomicList(string),
}) {}

export class GRPCAction extends define(
  'io.k8s.api.core.v1.GRPCAction',
  {
    port: required(int32),
    service: string,
  },
  {
    defaults: { service: '' },
  },
) {}

export class HTTPHeader extends define('io.k8s.api.core.v1.HTTPHeader', {
  name: required(string),
  value: required(string),
}) {}

export class HTTPGetAction extends define(
  'io.k8s.api.core.v1.HTTPGetAction',
  {
    host: string,
    httpHeaders: atomicList(HTTPHeader),
    path: string,
    port: required(intOrString),
    scheme: oneOf('HTTP', 'HTTPS'),
  },
  {
    defaults: { path: '/', scheme: 'HTTP' },
  },
) {}

export class SleepAction extends define('io.k8s.api.core.v1.SleepAction', {
  seconds: required(int64),
}) {}

export class TCPSocketAction extends define('io.k8s.api.core.v1.TCPSocketAction', {
  host: string,
  port: required(intOrString),
}) {}

export class LifecycleHandler extends define('io.k8s.api.core.v1.LifecycleHandler', {
  exec: ExecAction,
  httpGet: HTTPGetAction,
  sleep: SleepAction,
  tcpSocket: TCPSocketAction,
}) {}

export class Lifecycle extends define('io.k8s.api.core.v1.Lifecycle', {
  postStart: LifecycleHandler,
  preStop: LifecycleHandler,
  stopSignal: oneOf(
    'SIGABRT',
    'SIGALRM',
    'SIGBUS',
    'SIGCHLD',
    'SIGCLD',
    'SIGCONT',
    'SIGFPE',
    'SIGHUP',
    'SIGILL',
    'SIGINT',
    'SIGIO',
    'SIGIOT',
    'SIGKILL',
    'SIGPIPE',
    'SIGPOLL',
    'SIGPROF',
    'SIGPWR',
    'SIGQUIT',
    'SIGRTMAX',
    'SIGRTMAX-1',
    'SIGRTMAX-10',
    'SIGRTMAX-11',
    'SIGRTMAX-12',
    'SIGRTMAX-13',
    'SIGRTMAX-14',
    'SIGRTMAX-2',
    'SIGRTMAX-3',
    'SIGRTMAX-4',
    'SIGRTMAX-5',
    'SIGRTMAX-6',
    'SIGRTMAX-7',
    'SIGRTMAX-8',
    'SIGRTMAX-9',
    'SIGRTMIN',
    'SIGRTMIN+1',
    'SIGRTMIN+10',
    'SIGRTMIN+11',
    'SIGRTMIN+12',
    'SIGRTMIN+13',
    'SIGRTMIN+14',
    'SIGRTMIN+15',
    'SIGRTMIN+2',
    'SIGRTMIN+3',
    'SIGRTMIN+4',
    'SIGRTMIN+5',
    'SIGRTMIN+6',
    'SIGRTMIN+7',
    'SIGRTMIN+8',
    'SIGRTMIN+9',
    'SIGSEGV',
    'SIGSTKFLT',
    'SIGSTOP',
    'SIGSYS',
    'SIGTERM',
    'SIGTRAP',
    'SIGTSTP',
    'SIGTTIN',
    'SIGTTOU',
    'SIGURG',
    'SIGUSR1',
    'SIGUSR2',
    'SIGVTALRM',
    'SIGWINCH',
    'SIGXCPU',
    'SIGXFSZ',
  ),
}) {}

export class Probe extends define(
  'io.k8s.api.core.v1.Probe',
  {
    exec: ExecAction,
    failureThreshold: int32,
    grpc: GRPCAction,
    httpGet: HTTPGetAction,
    initialDelaySeconds: int32,
    periodSeconds: int32,
    successThreshold: int32,
    tcpSocket: TCPSocketAction,
    terminationGracePeriodSeconds: int64,
    timeoutSeconds: int32,
  },
  {
    defaults: { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
  },
) {}
