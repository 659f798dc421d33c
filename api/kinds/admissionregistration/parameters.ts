// Parameters and variables of policies.
import { define, required, string } from '../../schema/vocabulary.ts';
import { LabelSelector } from '../meta/label-selector.ts';

export class ParamKind extends define(
  'io.k8s.api.admissionregistration.v1.ParamKind',
  {
    apiVersion: string,
    kind: string,
  },
  { atomic: true },
) {}

export class ParamRef extends define(
  'io.k8s.api.admissionregistration.v1.ParamRef',
  {
    name: string,
    namespace: string,
    parameterNotFoundAction: string,
    selector: LabelSelector,
  },
  { atomic: true },
) {}

export class Variable extends define(
  'io.k8s.api.admissionregistration.v1.Variable',
  {
    expression: required(string),
    name: required(string),
  },
  { atomic: true },
) {}
