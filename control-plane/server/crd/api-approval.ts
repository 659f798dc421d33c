// Whether an API under the Kubernetes community's own groups says that it was approved. Pure.
import type { ObjectMeta } from '../../../api/meta/object-meta.ts';

/** APIs under the community's groups say by an annotation that they were approved, or that they are not. */
export function approvalOf(
  { annotations }: Pick<ObjectMeta, 'annotations'>,
  group: string,
): { state: 'none' | 'bad' | 'approved' | 'bypassed' | 'missing'; reason: string } {
  if (!/(^|\.)(k8s\.io|kubernetes\.io)$/.test(group)) return { state: 'none', reason: '' };
  const value = annotations?.['api-approved.kubernetes.io'];
  if (value === undefined || value === '')
    return {
      state: 'missing',
      reason: `protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111`,
    };
  if (value.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${JSON.stringify(value)}` };
  if (URL.canParse(value)) return { state: 'approved', reason: `approved in ${value}` };
  return {
    state: 'bad',
    reason: `protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
  };
}
