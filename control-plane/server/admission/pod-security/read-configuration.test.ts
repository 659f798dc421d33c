import { expect, it } from 'vitest';
import { readAdmissionConfiguration } from './read-configuration.ts';

const file = (plugins: string): string => `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins: ${plugins}
`;
const podSecurity = (rest: string): string =>
  file(
    `[{name: PodSecurity, configuration: {apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, ${rest}}}]`,
  );

it('reads levels, versions and exemptions', () => {
  const text = podSecurity(
    'defaults: {enforce: baseline, enforce-version: v1.30, warn: restricted}, exemptions: {namespaces: [kube-system]}',
  );
  expect(readAdmissionConfiguration(text)).toEqual({
    defaults: {
      enforce: { level: 'baseline', minor: 30 },
      audit: { level: 'privileged', minor: Infinity },
      warn: { level: 'restricted', minor: Infinity },
    },
    exemptions: { namespaces: ['kube-system'], usernames: [], runtimeClasses: [] },
  });
  expect(readAdmissionConfiguration(file('[]'))).toBeUndefined();
});

it.each([
  ['an unknown level', podSecurity('defaults: {enforce: strict}'), 'plugins.0.configuration.defaults.enforce'],
  ['a version that is none', podSecurity('defaults: {warn-version: "1.30"}'), '"latest" or "v1.x"'],
  ['an unknown plugin', file('[{name: EventRateLimit, configuration: {}}]'), 'plugins.0.name'],
  ['another kind', 'apiVersion: v1\nkind: Pod\n', 'apiVersion'],
  ['no YAML', '{', 'not valid YAML'],
])('refuses %s with the place', (_title, text, message) => {
  expect(() => readAdmissionConfiguration(text)).toThrow(message);
});
