// Log lines made inert: colours and cursor movements of terminals are dropped, other control characters shown.

// Control sequences (ECMA-48 CSI, OSC and short escapes)
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// Tabs stay; bidirectional overrides could make a line read as another
const controls = /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;

/** The line as it can safely be shown and copied. */
export function readableLine(text: string): string {
  return text.replace(escapes, '').replace(controls, '\u{fffd}');
}
