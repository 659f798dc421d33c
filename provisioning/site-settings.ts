// What is special about a site, as cluster.yaml says it under settings.site: proxies, mirrors, authorities of its own. What
// is read is usable: URLs are URLs without passwords, certificates are authorities that have not ended.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../machinery/clock.ts';
import type { ClusterSpec, SiteSettings, Text } from './contract.ts';
import { text } from './messages/text.ts';
import { expandHome } from './paths.ts';

/** Passwords would lie readable on every machine and in the cluster file. */
const openUrl = z.url({ protocol: /^https?$/, hostname: /^[^\s"'\\;]+$/ }).refine((text) => {
  const { username, password } = new URL(text);
  return username === '' && password === '' && !/["'\s\\;]/.test(text);
}, text('word.openUrl').en);

const hostPattern = z.string().regex(/^[A-Za-z0-9.*:/-]+$/, text('word.hostPattern').en);

export const siteSchema = z.strictObject({
  httpProxy: openUrl.optional(),
  httpsProxy: openUrl.optional(),
  /** Besides the cluster's own machines, pods and Services. */
  noProxy: z.array(hostPattern).default([]),
  /** An archive in the form of the distribution's own, for machines that fetch packages themselves. */
  packageMirror: openUrl.optional(),
  /** Mirrors of the default image registry. */
  imageMirrors: z.array(openUrl).default([]),
  /** Certificates of authorities (PEM), or paths of files of them. */
  certificateAuthorities: z.array(z.string().min(1)).max(16).default([]),
});

/** The settings with every certificate read; problems are sentences with their places. */
export function readSite(
  input: z.output<typeof siteSchema>,
  baseDir: string | undefined,
): { readonly site: SiteSettings; readonly problems: readonly Text[] } {
  const problems: Text[] = [];
  const certificateAuthorities = input.certificateAuthorities.flatMap((given, index) => {
    const place = `settings.site.certificateAuthorities.${index}`;
    try {
      const pems = readPem(given, baseDir).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
      if (pems.length === 0) problems.push(text('problem.noCertificate', { place }));
      for (const pem of pems) problems.push(...authorityProblems(new X509Certificate(pem), place));
      return pems.map((pem) => `${pem}\n`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      problems.push(text('problem.unreadable', { place, reason }));
      return [];
    }
  });
  return { site: { ...input, certificateAuthorities }, problems };
}

function readPem(given: string, baseDir: string | undefined): string {
  if (given.includes('-----BEGIN')) return given;
  const path = expandHome(given);
  return readFileSync(isAbsolute(path) || baseDir === undefined ? path : resolve(baseDir, path), 'utf8');
}

/** Why a certificate is none of an authority that is to be trusted. Pure. */
export function authorityProblems(
  certificate: X509Certificate,
  place: string,
  nowMs: number = systemClock.now(),
): Text[] {
  const subject = subjectOf(certificate);
  return [
    ...(certificate.ca ? [] : [text('problem.noAuthority', { place, subject })]),
    ...endProblems(certificate, place, nowMs),
  ];
}

/** Whether it has ended. Pure. */
export function endProblems(certificate: X509Certificate, place: string, nowMs: number = systemClock.now()): Text[] {
  const { validTo, validToDate } = certificate;
  if (validToDate.getTime() >= nowMs) return [];
  return [text('problem.ended', { place, subject: subjectOf(certificate), date: validTo })];
}

function subjectOf({ subject }: X509Certificate): string {
  return subject.replaceAll('\n', ', ');
}

/** Where no proxy is asked: the site's own list, and all that the cluster itself talks to. */
export function noProxyOf(
  spec: Pick<ClusterSpec, 'machines' | 'podCidr' | 'serviceCidr' | 'clusterDomain' | 'settings'>,
): string[] {
  const { machines, podCidr, serviceCidr, clusterDomain, settings } = spec;
  const own = ['localhost', '127.0.0.1', ...machines.map(({ address }) => address), podCidr, serviceCidr];
  return [...new Set([...own, '.svc', `.${clusterDomain}`, ...(settings.site?.noProxy ?? [])])];
}
