// Commands of day two: backups, restore, quorum, certificates, alerts, support. What takes long becomes a run.
// Only for clusters built here: others are reached through their API alone.
import { z } from 'zod';
import type { AlertView, BackupScheduleView } from '../../../api/console/index.ts';
import type { ClusterSpec } from '../../../provisioning/index.ts';
import type * as Provisioning from '../../../provisioning/index.ts';
import { clusterId, inCluster, type CommandsOf } from '../commands/table.ts';
import type { Context } from '../context.ts';
import { alertText } from './alert-text.ts';
import { placeOf, placeSchema } from './place.ts';

const provisioning = (): Promise<typeof Provisioning> => import('../../../provisioning/index.ts');
const name = z.string().min(1).max(300);
const passphrase = z.string().min(1).max(1000);
const machineName = z.string().regex(/^[a-z0-9-]+$/);
const keep = z.strictObject({ count: z.number().int().min(1).max(10_000), days: z.number().min(1).optional() });

interface Here {
  readonly spec: ClusterSpec;
  readonly home: string;
}

async function here({ clusterId: id }: { readonly clusterId: string }, { runs, home }: Context): Promise<Here> {
  return { spec: await runs.specOf(id), home };
}

const milliseconds = (time: string | undefined): number | undefined =>
  time === undefined ? undefined : Date.parse(time);

async function scheduleView({ spec, home }: Here): Promise<BackupScheduleView> {
  const { readBackupSchedule, readRecoveryKey } = await provisioning();
  const [{ schedule, status }, key] = await Promise.all([
    readBackupSchedule(spec, { home }),
    readRecoveryKey(spec.name, home),
  ]);
  return {
    ...(schedule !== undefined && { schedule: { ...schedule, nextAt: milliseconds(schedule.nextAt) } }),
    masters: status.map(({ master, lastStartedAt, lastProvedAt, objects, error }) => ({
      name: master,
      lastStartedAt: milliseconds(lastStartedAt),
      lastProvedAt: milliseconds(lastProvedAt),
      objects,
      error,
    })),
    hasKey: key !== undefined,
  };
}

export const backupCommands: CommandsOf<'backups'> = {
  'backups.list': {
    payload: z.strictObject({ clusterId, place: placeSchema }),
    async run(payload, context) {
      const { spec, home } = await here(payload, context);
      const { listBackups } = await provisioning();
      const backups = await listBackups(spec, { home, place: await placeOf(payload.place) });
      return backups.map(({ name: file, createdAtMs, bytes, revision, proof }) => ({
        name: file,
        createdAt: createdAtMs,
        bytes,
        revision,
        ...(proof && {
          proof: { provedAt: Date.parse(proof.provedAt), objects: proof.objects, etcdVersion: proof.etcdVersion },
        }),
      }));
    },
  },
  'backups.create': {
    payload: z.strictObject({ clusterId, place: placeSchema, passphrase, keep: keep.optional() }),
    run: ({ clusterId: id, place, ...rest }, { runs }) =>
      runs.task(id, 'backup', async (spec, options) => {
        await (await provisioning()).createBackup(spec, { ...options, ...rest, place: await placeOf(place) });
        return { ok: true };
      }),
  },
  'backups.prove': {
    payload: z.strictObject({ clusterId, place: placeSchema, name, passphrase }),
    run: (payload, { runs }) =>
      runs.task(payload.clusterId, 'prove', async (spec, options) => {
        const place = await placeOf(payload.place);
        const { proveBackup } = await provisioning();
        await proveBackup(spec, payload.name, { ...options, place, passphrase: payload.passphrase });
        return { ok: true };
      }),
  },
  'backups.delete': {
    payload: z.strictObject({ clusterId, place: placeSchema, name }),
    async run(payload, context) {
      const { spec, home } = await here(payload, context);
      await (await provisioning()).deleteBackup(spec, payload.name, { home, place: await placeOf(payload.place) });
      return {};
    },
  },
  'backups.newPassphrase': {
    payload: inCluster,
    run: async () => ({ passphrase: (await provisioning()).newPassphrase() }),
  },
  'backups.schedule': {
    payload: inCluster,
    run: async (payload, context) => scheduleView(await here(payload, context)),
  },
  'backups.setSchedule': {
    payload: z.strictObject({
      clusterId,
      cron: z.string().max(200),
      place: placeSchema.optional(),
      keep,
      passphrase,
    }),
    async run({ place, ...payload }, context) {
      const found = await here(payload, context);
      const wanted = place === undefined ? undefined : await placeOf(place);
      const target = wanted?.kind === 's3' ? wanted : ({ kind: 'machines' } as const);
      const { cron, keep: kept, passphrase: secret } = payload;
      const { setBackupSchedule } = await provisioning();
      await setBackupSchedule(found.spec, { home: found.home, cron, place: target, keep: kept, passphrase: secret });
      return scheduleView(found);
    },
  },
  'backups.removeSchedule': {
    payload: inCluster,
    async run(payload, context) {
      const { spec, home } = await here(payload, context);
      await (await provisioning()).removeBackupSchedule(spec, { home });
      return {};
    },
  },
  'backups.restore': {
    payload: z.strictObject({
      clusterId,
      place: placeSchema,
      name,
      passphrase,
      lost: z.array(machineName).max(10).optional(),
    }),
    run: ({ clusterId: id, place, ...rest }, { runs }) =>
      runs.task(id, 'restore', async (spec, options) =>
        (await provisioning()).restoreCluster(spec, { ...options, ...rest, place: await placeOf(place) }),
      ),
  },
  'backups.undoRestore': {
    payload: inCluster,
    run: ({ clusterId: id }, { runs }) =>
      runs.task(id, 'restore-undo', async (spec, options) => {
        await (await provisioning()).undoRestore(spec, options);
        return { ok: true };
      }),
  },
};

export const quorumCommands: CommandsOf<'quorum'> = {
  'quorum.assess': {
    payload: inCluster,
    async run(payload, context) {
      const { spec, home } = await here(payload, context);
      return (await provisioning()).assessQuorum(spec, { home });
    },
  },
  'quorum.recover': {
    payload: z.strictObject({ clusterId, from: machineName.optional() }),
    run: ({ clusterId: id, from }, { runs }) =>
      runs.task(id, 'recover', async (spec, options) =>
        (await provisioning()).recoverQuorum(spec, { ...options, from }),
      ),
  },
};

export const certificateCommands: CommandsOf<'certificates'> = {
  'certificates.list': {
    payload: inCluster,
    async run(payload, context) {
      const { spec, home } = await here(payload, context);
      const { certificates } = await (await provisioning()).listCertificates(spec, { home });
      return certificates.map(({ notBeforeMs, notAfterMs, state, ...rest }) => ({
        ...rest,
        notBefore: notBeforeMs,
        notAfter: notAfterMs,
        tone: state,
      }));
    },
  },
  'certificates.renew': {
    payload: z.strictObject({ clusterId, machine: machineName.optional() }),
    run: ({ clusterId: id, machine }, { runs }) =>
      runs.task(id, 'certificates', async (spec, options) => {
        const machines = machine === undefined ? undefined : [machine];
        return (await provisioning()).renewCertificates(spec, { ...options, machines });
      }),
  },
  'certificates.rotateAuthority': {
    payload: inCluster,
    run: ({ clusterId: id }, { runs }) =>
      runs.task(id, 'rotate-authority', async (spec, options) =>
        (await provisioning()).rotateAuthorities(spec, options),
      ),
  },
};

const alertSettings = z.strictObject({
  email: z
    .strictObject({
      host: z.string().max(300),
      port: z.number().int(),
      security: z.enum(['tls', 'starttls', 'none']),
      user: z.string().max(300).optional(),
      password: z.string().max(1000).optional(),
      from: z.string().max(300),
      to: z.array(z.string().max(300)).max(100),
    })
    .optional(),
  webhooks: z.array(z.strictObject({ url: z.string().max(2000), secret: z.string().max(1000).optional() })).max(50),
  language: z.enum(['en', 'zh-CN']),
});

export const alertCommands: CommandsOf<'alerts'> = {
  'alerts.get': {
    payload: inCluster,
    async run(payload, context) {
      const { spec, home } = await here(payload, context);
      const { settings, active } = await (await provisioning()).readAlerts(spec, { home });
      return {
        settings: settings ?? { webhooks: [], language: 'en' },
        active: active.map(({ id, kind, subject, sinceMs, values }) => ({
          id,
          kind: kind as AlertView['kind'],
          subject,
          since: sinceMs,
          message: alertText(kind as AlertView['kind'], values),
        })),
      };
    },
  },
  'alerts.set': {
    payload: z.strictObject({ clusterId, settings: alertSettings }),
    async run(payload, context) {
      const { spec, home } = await here(payload, context);
      await (await provisioning()).setAlerts(spec, payload.settings, { home });
      return {};
    },
  },
  'alerts.test': {
    payload: inCluster,
    async run(payload, context) {
      const { spec, home } = await here(payload, context);
      return { sent: (await (await provisioning()).testAlerts(spec, { home })).ways };
    },
  },
};

export const supportCommands: CommandsOf<'support'> = {
  'support.bundle': {
    payload: z.strictObject({ clusterId, folder: z.string().min(1).max(4096) }),
    run: ({ clusterId: id, folder }, { runs }) =>
      runs.task(id, 'support-bundle', async (spec, options) =>
        (await provisioning()).createSupportBundle(spec, { ...options, output: folder }),
      ),
  },
};
