// A small ISO 9660 image with Joliet names (ECMA-119; Joliet 1.0), all files in its root: what cloud-init's NoCloud reads.
// Made here, so that the hypervisor needs no tool for it. Pure.

const sector = 2048;
const firstFile = 25;

interface Entry {
  readonly name: Buffer;
  readonly extent: number;
  readonly size: number;
  readonly isFolder?: boolean;
}

/** The image's bytes. Names are at most 64 characters and differ in their first eight letters and digits. */
export function isoImage(label: string, files: Readonly<Record<string, string>>): Buffer {
  let next = firstFile;
  const placed = Object.entries(files).map(([name, text]) => {
    const content = Buffer.from(text, 'utf8');
    const extent = next;
    next += Math.max(1, Math.ceil(content.length / sector));
    return { name, content, extent };
  });
  const image = Buffer.alloc(next * sector);
  for (const { content, extent } of placed) content.copy(image, extent * sector);

  const plain = placed.map(({ name, content, extent }) => ({
    name: Buffer.from(`${shortName(name)}.;1`, 'ascii'),
    extent,
    size: content.length,
  }));
  const joliet = placed.map(({ name, content, extent }) => ({ name: wide(name), extent, size: content.length }));
  writeDescriptor(image, 16, { type: 1, label: padded(label, 32), blank: ' ', tables: [19, 20], root: 23, next });
  writeDescriptor(image, 17, { type: 2, label: wide(label), blank: '\0', tables: [21, 22], root: 24, next });
  image.write('\xffCD001\x01', 18 * sector, 'latin1');
  writePathTables(image, [19, 20], 23);
  writePathTables(image, [21, 22], 24);
  writeFolder(image, 23, plain);
  writeFolder(image, 24, joliet);
  return image;
}

function shortName(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 8);
}

function padded(text: string, length: number): Buffer {
  return Buffer.from(text.padEnd(length), 'ascii');
}

/** UCS-2, high byte first. */
function wide(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

interface Descriptor {
  readonly type: 1 | 2;
  readonly label: Buffer;
  readonly blank: string;
  readonly tables: readonly [number, number];
  readonly root: number;
  readonly next: number;
}

function writeDescriptor(image: Buffer, at: number, { type, label, blank, tables, root, next }: Descriptor): void {
  const start = at * sector;
  image[start] = type;
  image.write('CD001\x01', start + 1, 'latin1');
  for (const [from, length] of [
    [8, 64],
    [190, 623],
  ] as const)
    image.fill(blank, start + from, start + from + length);
  label.copy(image, start + 40);
  writeBoth32(image, start + 80, next);
  if (type === 2) image.write('%/E', start + 88, 'ascii'); // Joliet, level 3
  for (const [from, value] of [
    [120, 1],
    [124, 1],
    [128, sector],
  ] as const)
    writeBoth16(image, start + from, value);
  writeBoth32(image, start + 132, 10); // a path table with the root alone
  image.writeUInt32LE(tables[0], start + 140);
  image.writeUInt32BE(tables[1], start + 148);
  record({ name: Buffer.from([0]), extent: root, size: sector, isFolder: true }).copy(image, start + 156);
  for (const from of [813, 830, 847, 864]) image.write('0000000000000000\0', start + from, 'ascii');
  image[start + 881] = 1;
}

function writePathTables(image: Buffer, [little, big]: readonly [number, number], root: number): void {
  image.set([1, 0], little * sector);
  image.writeUInt32LE(root, little * sector + 2);
  image.writeUInt16LE(1, little * sector + 6);
  image.set([1, 0], big * sector);
  image.writeUInt32BE(root, big * sector + 2);
  image.writeUInt16BE(1, big * sector + 6);
}

function writeFolder(image: Buffer, at: number, entries: readonly Entry[]): void {
  const self = { extent: at, size: sector, isFolder: true };
  const sorted = [...entries].sort((a, b) => Buffer.compare(a.name, b.name));
  let offset = at * sector;
  for (const entry of [{ name: Buffer.from([0]), ...self }, { name: Buffer.from([1]), ...self }, ...sorted])
    offset += record(entry).copy(image, offset);
  if (offset > (at + 1) * sector) throw new Error('too many files for one sector of names');
}

/** One directory record (ECMA-119, 9.1). */
function record({ name, extent, size, isFolder = false }: Entry): Buffer {
  const length = 33 + name.length + ((name.length + 1) % 2);
  const bytes = Buffer.alloc(length);
  bytes[0] = length;
  writeBoth32(bytes, 2, extent);
  writeBoth32(bytes, 10, size);
  bytes.set([126, 1, 1], 18); // 2026-01-01: the same input gives the same image
  bytes[25] = isFolder ? 2 : 0;
  writeBoth16(bytes, 28, 1);
  bytes[32] = name.length;
  name.copy(bytes, 33);
  return bytes;
}

function writeBoth16(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt16LE(value, at);
  bytes.writeUInt16BE(value, at + 2);
}

function writeBoth32(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value, at);
  bytes.writeUInt32BE(value, at + 4);
}
