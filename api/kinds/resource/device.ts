// How devices are chosen, tolerated and set up.
import { defaulted, define, int64, oneOf, rawExtension, required, string } from '../../schema/vocabulary.ts';

export class CELDeviceSelector extends define('io.k8s.api.resource.v1.CELDeviceSelector', {
  expression: required(string),
}) {}

export class DeviceSelector extends define('io.k8s.api.resource.v1.DeviceSelector', {
  cel: CELDeviceSelector,
}) {}

export class DeviceToleration extends define('io.k8s.api.resource.v1.DeviceToleration', {
  effect: oneOf('NoExecute', 'NoSchedule', 'None'),
  key: string,
  operator: defaulted(oneOf('Equal', 'Exists'), 'Equal'),
  tolerationSeconds: int64,
  value: string,
}) {}

export class OpaqueDeviceConfiguration extends define('io.k8s.api.resource.v1.OpaqueDeviceConfiguration', {
  driver: required(string),
  parameters: required(rawExtension),
}) {}
