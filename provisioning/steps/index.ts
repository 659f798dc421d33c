// All steps by kind: what the plan names, the run looks up here.
import type { ConsoleStep, MachineStep } from '../run/step.ts';
import { agentStep } from './agent.ts';
import { certificatesStep } from './certificates.ts';
import { authorityStep, kubeconfigStep, programsArchiveStep } from './console-steps.ts';
import { controlPlaneStep } from './control-plane.ts';
import { dockerStep } from './docker.ts';
import { etcdStep } from './etcd.ts';
import { firewallStep } from './firewall.ts';
import { imagesStep } from './images.ts';
import { kernelStep } from './kernel.ts';
import { nodeReadyStep } from './node-ready.ts';
import { etcdPackageStep, packagesStep } from './packages.ts';
import { programsStep } from './programs.ts';
import { siteStep } from './site.ts';
import { virtualAddressStep } from './virtual-address.ts';

export const machineSteps: ReadonlyMap<string, MachineStep> = new Map(
  [
    siteStep,
    etcdPackageStep,
    packagesStep,
    kernelStep,
    firewallStep,
    dockerStep,
    programsStep,
    certificatesStep,
    etcdStep,
    controlPlaneStep,
    imagesStep,
    agentStep,
    nodeReadyStep,
  ].map((step) => [step.kind, step]),
);

export const consoleSteps: ReadonlyMap<string, ConsoleStep> = new Map(
  [authorityStep, programsArchiveStep, kubeconfigStep, virtualAddressStep].map((step) => [step.kind, step]),
);
