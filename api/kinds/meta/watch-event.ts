// WatchEvent: one event of a watch.
import { define, rawExtension, required, string } from '../../schema/vocabulary.ts';

export class WatchEvent extends define('io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent', {
  object: required(rawExtension),
  type: required(string),
}) {}
