// Commands of the wizard and of runs.
import { z } from 'zod';
import { type CommandsOf } from './table.ts';

const text = z.string().max(500);
const path = z.string().max(4096);
export const machineSchema = z.strictObject({
  name: text,
  address: text,
  port: z.number().int(),
  user: text,
  role: z.enum(['master', 'node', 'both']),
  credentials: z.strictObject({
    kind: z.enum(['key', 'password', 'agent']),
    keyPath: path.optional(),
    passphrase: text.optional(),
    password: text.optional(),
    sudoPassword: text.optional(),
  }),
});
const draft = z.strictObject({
  draft: z.strictObject({
    name: text,
    machines: z.array(machineSchema).max(1000),
    podCidr: text.optional(),
    serviceCidr: text.optional(),
    virtualAddress: text.optional(),
    etcd: z.strictObject({ endpoints: z.array(text).max(9), caFile: path, certFile: path, keyFile: path }).optional(),
  }),
});
const byCluster = z.strictObject({ cluster: z.string().regex(/^[a-z0-9][-a-z0-9]*$/) });
const byRun = z.strictObject({ runId: z.uuid() });

export const provisioningCommands: CommandsOf<'provisioning'> = {
  'provisioning.test': {
    payload: z.strictObject({ machine: machineSchema }),
    run: (payload, { runs }) => runs.test(payload.machine),
  },
  'provisioning.preflight': { payload: draft, run: (payload, { runs }) => runs.preflight(payload.draft) },
  'provisioning.plan': { payload: draft, run: (payload, { runs }) => runs.plan(payload.draft) },
  'provisioning.start': { payload: draft, run: (payload, { runs }) => runs.start(payload.draft) },
  'provisioning.deprovision': {
    payload: byCluster,
    run: (payload, { runs }) => runs.again(payload.cluster, 'deprovision'),
  },
  'provisioning.repair': { payload: byCluster, run: (payload, { runs }) => runs.again(payload.cluster, 'provision') },
  'provisioning.cancel': {
    payload: byRun,
    run(payload, { runs }) {
      runs.cancel(payload.runId);
      return {};
    },
  },
  'provisioning.resume': { payload: byRun, run: (payload, { runs }) => runs.resume(payload.runId) },
};
