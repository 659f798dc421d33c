// Volumes of a pod: one source each, and what each source must say.
import { checkConfigKey, checkDnsLabel } from '../../../meta/names.ts';
import { forbiddenField, invalidValue, required, type FieldError } from '../../../schema/field-error.ts';
import type { KeyToPath, Volume, VolumeProjection } from '../volume.ts';
import { checkAmount, checkLocalPath, checkNoClimbing, checkUnique, invalidFor } from './checks.ts';
import { validateFieldPath } from './env-rules.ts';

/** Checks all volumes of a pod. */
export function validateVolumes(volumes: readonly Volume[] | undefined, path: string): FieldError[] {
  const all = volumes ?? [];
  return [
    ...checkUnique(
      all,
      ({ name }) => name,
      (index) => `${path}[${index}].name`,
    ),
    ...all.flatMap((volume, index) => validateVolume(volume, `${path}[${index}]`)),
  ];
}

function validateVolume(volume: Volume, path: string): FieldError[] {
  const errors = volume.name ? invalidFor(`${path}.name`, volume.name, checkDnsLabel(volume.name)) : [];
  const [first, ...surplus] = Object.keys(volume).filter((key) => key !== 'name');
  if (first === undefined) errors.push(required(path, 'must specify a volume type'));
  errors.push(...surplus.map((key) => forbiddenField(`${path}.${key}`, 'may not specify more than 1 volume type')));
  return [...errors, ...validateSource(volume, path)];
}

function validateSource(volume: Volume, path: string): FieldError[] {
  const { configMap, downwardAPI, emptyDir, hostPath, nfs, persistentVolumeClaim, projected, secret } = volume;
  const errors: FieldError[] = [];
  if (emptyDir?.sizeLimit !== undefined) errors.push(...checkAmount(`${path}.emptyDir.sizeLimit`, emptyDir.sizeLimit));
  if (hostPath !== undefined) errors.push(...checkNoClimbing(`${path}.hostPath.path`, hostPath.path));
  if (configMap !== undefined) {
    if (!configMap.name) errors.push(required(`${path}.configMap.name`));
    errors.push(...validateFiles(configMap.items, configMap.defaultMode, `${path}.configMap`));
  }
  if (secret !== undefined) {
    if (!secret.secretName) errors.push(required(`${path}.secret.secretName`));
    errors.push(...validateFiles(secret.items, secret.defaultMode, `${path}.secret`));
  }
  if (nfs?.path && !nfs.path.startsWith('/')) {
    errors.push(invalidValue(`${path}.nfs.path`, nfs.path, 'must be an absolute path'));
  }
  if (persistentVolumeClaim !== undefined && !persistentVolumeClaim.claimName) {
    errors.push(required(`${path}.persistentVolumeClaim.claimName`));
  }
  if (downwardAPI !== undefined) {
    errors.push(...validateFiles(undefined, downwardAPI.defaultMode, `${path}.downwardAPI`));
    errors.push(...validateDownward(downwardAPI.items ?? [], `${path}.downwardAPI.items`));
  }
  if (projected !== undefined) {
    errors.push(...validateFiles(undefined, projected.defaultMode, `${path}.projected`));
    for (const [index, source] of (projected.sources ?? []).entries()) {
      errors.push(...validateProjection(source, `${path}.projected.sources[${index}]`));
    }
  }
  return errors;
}

function checkMode(path: string, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

function validateFiles(
  items: readonly KeyToPath[] | undefined,
  defaultMode: number | undefined,
  path: string,
): FieldError[] {
  return [
    ...checkMode(`${path}.defaultMode`, defaultMode),
    ...(items ?? []).flatMap((item, index) => {
      const at = `${path}.items[${index}]`;
      return [
        ...(item.key ? invalidFor(`${at}.key`, item.key, checkConfigKey(item.key)) : []),
        ...(item.path ? checkLocalPath(`${at}.path`, item.path) : []),
        ...checkMode(`${at}.mode`, item.mode),
      ];
    }),
  ];
}

function validateDownward(items: NonNullable<NonNullable<Volume['downwardAPI']>['items']>, path: string): FieldError[] {
  return items.flatMap((item, index) => {
    const at = `${path}[${index}]`;
    const errors = item.path ? checkLocalPath(`${at}.path`, item.path) : [];
    errors.push(...checkMode(`${at}.mode`, item.mode));
    if (item.fieldRef === undefined && item.resourceFieldRef === undefined) {
      errors.push(required(`${at}.fieldRef`, 'one of fieldRef and resourceFieldRef is required'));
    }
    if (item.fieldRef !== undefined) {
      const all = ['metadata.annotations', 'metadata.labels'];
      errors.push(...validateFieldPath(item.fieldRef.fieldPath, `${at}.fieldRef.fieldPath`, all));
    }
    return errors;
  });
}

function validateProjection(source: VolumeProjection, path: string): FieldError[] {
  const { configMap, downwardAPI, secret, serviceAccountToken } = source;
  const errors: FieldError[] = [];
  const [, ...surplus] = Object.keys(source);
  errors.push(
    ...surplus.map((key) => forbiddenField(`${path}.${key}`, 'may not specify more than 1 volume type per source')),
  );
  for (const [name, projection] of Object.entries({ configMap, secret })) {
    if (projection === undefined) continue;
    if (!projection.name) errors.push(required(`${path}.${name}.name`));
    errors.push(...validateFiles(projection.items, undefined, `${path}.${name}`));
  }
  if (downwardAPI !== undefined) errors.push(...validateDownward(downwardAPI.items ?? [], `${path}.downwardAPI.items`));
  if (serviceAccountToken !== undefined) {
    const { expirationSeconds = 3600, path: file } = serviceAccountToken;
    const at = `${path}.serviceAccountToken`;
    if (expirationSeconds < 600) {
      errors.push(
        invalidValue(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'),
      );
    }
    if (file) errors.push(...checkLocalPath(`${at}.path`, file));
  }
  return errors;
}
