// What is special about a site, as cluster.yaml says it under settings.site: proxies, mirrors, authorities of its own. What
// is read is usable: URLs are URLs without passwords, certificates are authorities that have not ended.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../machinery/clock.ts';
import type { ClusterSpec, SiteSettings } from './contract.ts';
import { expandHome } from './paths.ts';

/** Passwords would lie readable on every machine and in the cluster file. */
const openUrl = z.url({ protocol: /^https?$/, hostname: /^[^\s"'\\;]+$/ }).refine((text) => {
  const { username, password } = new URL(text);
  return username === '' && password === '' && !/["'\s\\;]/.test(text);
}, 'must be an http(s) URL without user and password');

const hostPattern = z.string().regex(/^[A-Za-z0-9.*:/-]+$/, 'must be a host name, .domain, address or network');

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
): { readonly site: SiteSettings; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const certificateAuthorities = input.certificateAuthorities.flatMap((given, index) => {
    const place = `settings.site.certificateAuthorities.${index}`;
    try {
      const pems = readPem(given, baseDir).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
      if (pems.length === 0) problems.push(`${place}: holds no certificate in PEM form`);
      for (const pem of pems) problems.push(...problemsOf(pem).map((problem) => `${place}: ${problem}`));
      return pems.map((pem) => `${pem}\n`);
    } catch (error) {
      problems.push(`${place}: ${error instanceof Error ? error.message : String(error)}`);
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

function problemsOf(pem: string): string[] {
  const certificate = new X509Certificate(pem);
  const problems: string[] = [];
  if (!certificate.ca) problems.push(`${certificate.subject.replaceAll('\n', ', ')} is not an authority (CA:TRUE)`);
  if (certificate.validToDate.getTime() < systemClock.now())
    problems.push(`${certificate.subject.replaceAll('\n', ', ')} ended on ${certificate.validTo}`);
  return problems;
}

/** Where no proxy is asked: the site's own list, and all that the cluster itself talks to. */
export function noProxyOf(
  spec: Pick<ClusterSpec, 'machines' | 'podCidr' | 'serviceCidr' | 'clusterDomain' | 'settings'>,
): string[] {
  const { machines, podCidr, serviceCidr, clusterDomain, settings } = spec;
  const own = ['localhost', '127.0.0.1', ...machines.map(({ address }) => address), podCidr, serviceCidr];
  return [...new Set([...own, '.svc', `.${clusterDomain}`, ...(settings.site?.noProxy ?? [])])];
}
