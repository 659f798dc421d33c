// When an image is pulled, where the container does not say: always for `latest`, else only when it is missing.

/** The default pull policy of an image reference. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  return imageTag(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent';
}

/** The tag of an image reference: `latest` when it names neither tag nor digest, empty when only a digest. */
export function imageTag(image: string): string {
  const [name = '', digest] = image.split('@', 2);
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  return tag ?? (digest === undefined ? 'latest' : '');
}
