// [English, Simplified Chinese]
export const preflightMessages = {
  'preflight.title': ['Check all machines', '检查所有机器'],
} as const satisfies Record<string, readonly [string, string]>;
