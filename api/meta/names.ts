// What names may look like. Each check returns the sentences that upstream's validation says; none means valid.

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const dnsLabel = new RegExp(`^${label}$`);
const dns1035Label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomain = new RegExp(`^${label}(\\.${label})*$`);
const qualifiedName = new RegExp(`^${qualifiedPart}$`);
const labelValue = new RegExp(`^(${qualifiedPart})?$`);
const configKey = /^[-._a-zA-Z0-9]+$/;
const portName = /^[-a-z0-9]+$/;

function regexSentence(what: string, regex: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}'`).join(',  or ');
  return `${what} (e.g. ${shown}, regex used for validation is '${regex}')`;
}

/** The sentence for text that is too long. */
export function maxLengthSentence(length: number): string {
  return `must be no more than ${length} characters`;
}

const dnsLabelSentence = regexSentence(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label,
  'my-name',
  '123-abc',
);

const dns1035Sentence = regexSentence(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  'my-name',
  'abc-123',
);

const dnsSubdomainSentence = regexSentence(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  `${label}(\\.${label})*`,
  'example.com',
);

const qualifiedSentence = regexSentence(
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
  'MyName',
  'my.name',
  '123-abc',
);

const labelValueSentence = regexSentence(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
  'MyValue',
  'my_value',
  '12345',
);

const configKeySentence = regexSentence(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  '[-._a-zA-Z0-9]+',
  'key.name',
  'KEY_NAME',
  'key-name',
);

function check(value: string, maxLength: number, shape: RegExp, sentence: string): string[] {
  const errors: string[] = [];
  if (value.length > maxLength) errors.push(maxLengthSentence(maxLength));
  if (!shape.test(value)) errors.push(sentence);
  return errors;
}

/** RFC 1123 labels: names of namespaces, containers, volumes. */
export function checkDnsLabel(value: string): string[] {
  return check(value, 63, dnsLabel, dnsLabelSentence);
}

/** RFC 1035 labels: names of services. */
export function checkDns1035Label(value: string): string[] {
  return check(value, 63, dns1035Label, dns1035Sentence);
}

/** RFC 1123 subdomains: names of most objects. */
export function checkDnsSubdomain(value: string): string[] {
  return check(value, 253, dnsSubdomain, dnsSubdomainSentence);
}

/** Names that stand in a URL path: RBAC objects. */
export function checkPathSegment(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** Keys of labels, annotations and finalizers: `[prefix/]name`. */
export function checkQualifiedName(value: string): string[] {
  const parts = value.split('/');
  const errors: string[] = [];
  if (parts.length > 2) {
    return [
      `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const [prefix = ''] = parts;
    if (prefix === '') errors.push('prefix part must be non-empty');
    else errors.push(...checkDnsSubdomain(prefix).map((sentence) => `prefix part ${sentence}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  else if (name.length > 63) errors.push(`name part ${maxLengthSentence(63)}`);
  if (!qualifiedName.test(name)) errors.push(qualifiedSentence);
  return errors;
}

/** Values of labels. */
export function checkLabelValue(value: string): string[] {
  return check(value, 63, labelValue, labelValueSentence);
}

/** Keys of ConfigMaps and Secrets. */
export function checkConfigKey(value: string): string[] {
  const errors = check(value, 253, configKey, configKeySentence);
  if (value === '.') errors.push("must not be '.'");
  if (value === '..') errors.push("must not be '..'");
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

/** Names of container and service target ports (IANA service names). */
export function checkPortName(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push(maxLengthSentence(15));
  if (!portName.test(value)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

/** Names of environment variables: anything printable but `=`. */
export function checkEnvName(value: string): string[] {
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(value)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Port numbers. */
export function checkPortNumber(value: number): string[] {
  return Number.isInteger(value) && value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];
}
