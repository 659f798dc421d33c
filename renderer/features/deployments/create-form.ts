// The create form's fields, what is wrong with them, and the request they make. Pure.
import type { DeploymentForm } from '../../../api/console/index.ts';

export interface CreateFields {
  namespace: string;
  name: string;
  image: string;
  replicas: number | string;
  containerPort: string;
  command: string;
  environment: { name: string; value: string }[];
  cpuRequest: string;
  memoryRequest: string;
  cpuLimit: string;
  memoryLimit: string;
  expose: 'none' | 'ClusterIP' | 'NodePort';
  servicePort: string;
  placement: 'spread' | 'pack';
}

export type FieldProblem = 'name' | 'image' | 'replicas' | 'port' | 'quantity';
type Checked = 'name' | 'image' | 'replicas' | 'containerPort' | 'servicePort' | Amount;
type Amount = 'cpuRequest' | 'memoryRequest' | 'cpuLimit' | 'memoryLimit';

/** The form as it opens. */
export function emptyForm(namespace: string): CreateFields {
  return {
    namespace,
    name: '',
    image: '',
    replicas: 2,
    containerPort: '',
    command: '',
    environment: [],
    cpuRequest: '',
    memoryRequest: '',
    cpuLimit: '',
    memoryLimit: '',
    expose: 'none',
    servicePort: '80',
    placement: 'spread',
  };
}

const mostReplicas = 100_000;
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const quantity = /^\d+(\.\d+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/;
const amounts: readonly Amount[] = ['cpuRequest', 'memoryRequest', 'cpuLimit', 'memoryLimit'];

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** What is wrong, by field; an empty answer is a form that can be sent. */
export function problemsOf(form: CreateFields): Partial<Record<Checked, FieldProblem>> {
  const problems: Partial<Record<Checked, FieldProblem>> = {};
  if (!dnsLabel.test(form.name)) problems.name = 'name';
  if (form.image.trim() === '' || /\s/.test(form.image.trim())) problems.image = 'image';
  const replicas = Number(form.replicas);
  if (form.replicas === '' || !Number.isInteger(replicas) || replicas < 0 || replicas > mostReplicas)
    problems.replicas = 'replicas';
  if (form.containerPort !== '' && !isPort(form.containerPort)) problems.containerPort = 'port';
  if (form.expose !== 'none' && !isPort(form.servicePort)) problems.servicePort = 'port';
  for (const field of amounts) if (form[field] !== '' && !quantity.test(form[field])) problems[field] = 'quantity';
  return problems;
}

/** Words of a command line: quotes group, a backslash takes the next character as it is. */
export function splitCommand(text: string): string[] {
  const words: string[] = [];
  for (const [, double, single, bare] of text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s"'\\]|\\.)+)/g)) {
    words.push(single ?? (double ?? bare ?? '').replace(/\\(.)/g, '$1'));
  }
  return words;
}

/** The request of a form without problems. */
export function readForm(form: CreateFields): DeploymentForm {
  const command = splitCommand(form.command);
  return {
    namespace: form.namespace,
    name: form.name,
    image: form.image.trim(),
    replicas: Number(form.replicas),
    containerPort: form.containerPort === '' ? undefined : Number(form.containerPort),
    command: command.length > 0 ? command : undefined,
    environment: form.environment.filter(({ name }) => name !== '').map((one) => ({ ...one })),
    cpuRequest: form.cpuRequest || undefined,
    memoryRequest: form.memoryRequest || undefined,
    cpuLimit: form.cpuLimit || undefined,
    memoryLimit: form.memoryLimit || undefined,
    expose: form.expose === 'none' ? undefined : { type: form.expose, port: Number(form.servicePort) },
    isPacked: form.placement === 'pack' || undefined,
  };
}
