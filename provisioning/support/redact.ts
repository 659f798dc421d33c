// Takes secrets out of text before it leaves a machine's folder: keys, tokens, passwords, and every secret that is known by
// value. Errs on the side of taking out too much. Pure.

const removed = '[removed]';

const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, removed],
  // JSON web tokens, and what follows Bearer or Basic.
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, removed],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${removed}`],
  // Bootstrap tokens.
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, removed],
  // user:password@ in URLs.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+):[^\s/@]+@/gi, `$1:${removed}@`],
  // name=value, name: value and "name":"value" where the name says that it is a secret.
  [
    /("?\b[\w.-]*(?:password|passphrase|passwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential)[\w.-]*"?\s*[=:]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;}&]+)/gi,
    `$1${removed}`,
  ],
  [/(client-key-data|client-certificate-data|certificate-authority-data):\s*\S+/g, `$1: ${removed}`],
];

/** `text` without secrets; `known` are secrets by value (those shorter than four characters are left, they are everywhere). */
export function redact(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of [...known].sort((a, b) => b.length - a.length)) {
    if (secret.length < 4) continue;
    for (const spelling of new Set([secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]))
      clean = clean.replaceAll(spelling, removed);
  }
  return patterns.reduce((so, [pattern, replacement]) => so.replace(pattern, replacement), clean);
}
