// GroupResource.
import { define, required, string } from '../../schema/vocabulary.ts';

export class GroupResource extends define('io.k8s.apimachinery.pkg.apis.meta.v1.GroupResource', {
  group: required(string),
  resource: required(string),
}) {}
