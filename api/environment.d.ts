// What every environment that api runs in (Node and browsers) has beside the language itself. No import, so that these
// are global declarations; nothing of Node or the DOM beyond them may be used here.

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(encoding?: 'utf-8', options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}

declare function atob(text: string): string;
declare function btoa(binary: string): string;
