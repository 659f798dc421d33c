// Questions asked of containers again and again, and what is done at their start and end.
import { atomicList, define, int32, int64, intOrString, oneOf, required, string } from '../../schema/vocabulary.ts';
import { stopSignal } from './stop-signal.ts';

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
  stopSignal,
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
