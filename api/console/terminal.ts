// A terminal into a container: its session first, then output, then how it ended.

export type TerminalOutput =
  | { readonly kind: 'opened'; readonly sessionId: string }
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'exited'; readonly exitCode?: number; readonly message?: string };
