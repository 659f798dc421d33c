// WebhookClientConfig: where a webhook is and how to trust it.
import { bytes, define, int32, required, string } from '../../schema/vocabulary.ts';

export class ServiceReference extends define(
  'io.k8s.api.admissionregistration.v1.ServiceReference',
  {
    name: required(string),
    namespace: required(string),
    path: string,
    port: int32,
  },
  {
    defaults: { port: 443 },
  },
) {}

export class WebhookClientConfig extends define('io.k8s.api.admissionregistration.v1.WebhookClientConfig', {
  caBundle: bytes,
  service: ServiceReference,
  url: string,
}) {}
