// Defaults of a limit for containers: what a container gets that says nothing.
import type { LimitRangeItem } from './limit-range.ts';

/** The default limit is the maximum; the default request is the default limit, else the minimum. */
export function fillLimitRangeItem(item: LimitRangeItem): void {
  if (item.type !== 'Container') return;
  const limit = { ...item.max, ...item.default };
  const request = { ...item.min, ...limit, ...item.defaultRequest };
  if (Object.keys(limit).length > 0) item.default = limit;
  if (Object.keys(request).length > 0) item.defaultRequest = request;
}
