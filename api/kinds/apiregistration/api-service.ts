// APIService: a version of a group that another server answers for.
import {
  boolean,
  atomicBytes,
  define,
  int32,
  keyedList,
  present,
  required,
  string,
  time,
} from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { apiServicePrinter } from '../printing/access-printers.ts';
import { validateApiService } from './api-service-rules.ts';
import { checkPathSegment } from '../../meta/names.ts';

export class ServiceReference extends define(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference',
  {
    name: string,
    namespace: string,
    port: int32,
  },
  {
    defaults: { port: 443 },
  },
) {}

export class APIServiceSpec extends define('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec', {
  caBundle: atomicBytes,
  group: string,
  groupPriorityMinimum: required(int32),
  insecureSkipTLSVerify: boolean,
  service: ServiceReference,
  version: string,
  versionPriority: required(int32),
}) {}

export class APIServiceCondition extends define(
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition',
  {
    lastTransitionTime: time,
    message: string,
    reason: string,
    status: required(string),
    type: required(string),
  },
) {}

export class APIServiceStatus extends define('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus', {
  conditions: keyedList(APIServiceCondition, 'type'),
}) {}

export class APIService extends kind('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService', {
  spec: present(APIServiceSpec),
  status: APIServiceStatus,
}) {}

export const apiServices: ResourceDefinition<APIService> = resource(APIService, {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  plural: 'apiservices',
  categories: ['api-extensions'],
  namespaced: false,
  subresources: { status },
  storage: 'apiregistration.k8s.io/apiservices',
  printer: apiServicePrinter,
  nameRule: checkPathSegment,
  validate: validateApiService,
});
