import { createGunzip, gzipSync } from "node:zlib";
import { extract, pack, type Header } from "tar-stream";
import { isPlain, plainReason, plainText } from "./plain-text";

/** A file of a package. */
export interface ArchiveFile {
  readonly name: string;
  readonly content: string;
}

/** Most bytes that a package may unpack to: what is read is held in memory twice. Helm itself stops at 100 MiB. */
const MAX_UNPACKED = 64 * 1024 * 1024;

/** Largest file in a package, in bytes: Helm loads no larger one. */
const MAX_FILE = 5 * 1024 * 1024;

/** Most files and folders in a package; charts have hundreds. */
const MAX_ENTRIES = 10_000;

/** Longest path in a package, in characters, and most parts of it; charts of charts of charts have a tenth of both. */
const MAX_PATH = 1024;
const MAX_FOLDERS = 32;

/** Most characters of an entry's extended header, which holds little more than a long path. */
const MAX_EXTENDED = 8 * 1024;

/**
 * Reads the files of a package. Whoever made it may mean harm, so everything is bounded before it is unpacked, and what
 * two programs could read differently is refused: Helm must see the very files that are checked here.
 *
 * @throws {Error} with a sentence about the package, when it is no gzipped tar, ends before its end, or holds anything
 * else than files under one folder
 */
export async function readArchive(bytes: Buffer): Promise<readonly ArchiveFile[]> {
  const tar = await unzip(bytes);
  const files: ArchiveFile[] = [];
  const names = new Set<string>();
  let end = 0;
  const entries = extract();
  entries.end(tar);
  try {
    for await (const entry of entries) {
      const { header } = entry as unknown as { readonly header: EntryHeader };
      if (names.size >= MAX_ENTRIES) throw new RefusedPackage(`has more than ${MAX_ENTRIES} entries`);
      if (isBlank(tar.subarray(end, end + BLOCK))) throw new RefusedPackage("has content after its end");
      const name = checkedName(header);
      const [top = ""] = name.split("/");
      const [first = name] = names;
      if (top !== first.split("/")[0]) throw new RefusedPackage(`has more than one folder on top: ${first.split("/")[0]} and ${top}`);
      if (names.has(name)) throw new RefusedPackage(`has two entries named ${name}`);
      names.add(name);
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      end = header.byteOffset + Math.ceil(header.size / BLOCK) * BLOCK;
      if (header.type === "file") files.push({ name, content: Buffer.concat(chunks).toString("utf8") });
    }
  } catch (error) {
    if (error instanceof RefusedPackage) throw error;
    throw new RefusedPackage(`is no whole package: ${plainReason(error)}`, { cause: error });
  }
  if (!isBlank(tar.subarray(end))) throw new RefusedPackage("has content after its end");
  return files;
}

/** Byte of a gzip header that names the operating system, and the value for "unknown". */
const GZIP_OS = { offset: 9, unknown: 255 };

/** Writes files as a package: the same files give the same bytes on every machine and day. */
export async function writeArchive(files: readonly ArchiveFile[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, content } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    tar.entry({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }, content);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const zipped = gzipSync(Buffer.concat(chunks), { level: 9 });
  zipped.writeUInt8(GZIP_OS.unknown, GZIP_OS.offset);
  return zipped;
}

class RefusedPackage extends Error {
  constructor(clause: string, options?: ErrorOptions) {
    super(`the package ${clause}`, options);
    this.name = "RefusedPackage";
  }
}

/** Unit of a tar: headers and contents begin at multiples of it. */
const BLOCK = 512;

/** What the library gives beyond its types. */
interface EntryHeader extends Pick<Header, "name" | "size"> {
  /** Nothing for a kind that the library does not know. */
  readonly type: Header["type"] | null;
  readonly pax: Readonly<Record<string, string>> | null;
  /** Where the entry's content begins. */
  readonly byteOffset: number;
}

/** A gzip file ends in the size that it unpacks to, in four bytes. */
const GZIP_SIZE_BYTES = 4;

/** Unpacks as a stream, so that what unpacks to too much is refused before it takes memory. */
async function unzip(bytes: Buffer): Promise<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  const chunks: Buffer[] = [];
  let size = 0;
  gunzip.end(bytes);
  try {
    for await (const chunk of gunzip) {
      size += (chunk as Buffer).length;
      if (size > MAX_UNPACKED) throw new RefusedPackage(`unpacks to more than ${MAX_UNPACKED / 1024 / 1024} MiB, which no chart does`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof RefusedPackage) throw error;
    throw new RefusedPackage(`is no whole package: ${plainReason(error)}`, { cause: error });
  }
  // Programs differ in what they do with a second gzip file after the first one, and with bytes after both.
  if (gunzip.bytesWritten !== bytes.length || bytes.readUInt32LE(bytes.length - GZIP_SIZE_BYTES) !== size)
    throw new RefusedPackage("is more than one gzip file");
  return Buffer.concat(chunks);
}

/**
 * The name of an entry, without the slash at a folder's end.
 * @throws {RefusedPackage} for anything but a file or folder at a plain path within one folder
 */
function checkedName({ name, type, size, pax }: EntryHeader): string {
  const shown = plainText(name);
  if (type !== "file" && type !== "directory")
    throw new RefusedPackage(`has the entry ${shown}, which is a ${type ?? "thing of an unknown kind"}`);
  if (type === "directory" && size > 0) throw new RefusedPackage(`has the folder ${shown} with a size`);
  if (size > MAX_FILE)
    throw new RefusedPackage(`has the file ${shown} of more than ${MAX_FILE / 1024 / 1024} MiB, which Helm does not load`);
  const extended = Object.entries(pax ?? {});
  if (extended.reduce((sum, [key, value]) => sum + key.length + value.length, 0) > MAX_EXTENDED)
    throw new RefusedPackage(`has the entry ${shown} with an extended header of more than ${MAX_EXTENDED / 1024} KiB`);
  if (extended.some(([key]) => key.startsWith("GNU.sparse"))) throw new RefusedPackage(`has the sparse file ${shown}`);
  const path = type === "directory" ? name.replace(/\/$/, "") : name;
  const parts = path.split("/");
  if (path.length > MAX_PATH || parts.length > MAX_FOLDERS)
    throw new RefusedPackage(`has the entry ${shown}, whose path is longer than ${MAX_PATH} characters or ${MAX_FOLDERS} folders`);
  if (!isPlain(name) || name.includes("\\") || parts.some((part) => ["", ".", ".."].includes(part) || /^[A-Za-z]:/.test(part)))
    throw new RefusedPackage(`has the entry ${shown}, whose path is not a plain one`);
  if (type === "file" && parts.length === 1) throw new RefusedPackage(`has the file ${shown} outside of its folder`);
  return path;
}

/** Offset and length of a header's checksum, which may be there although nothing else is. */
const CHECKSUM = { from: 148, to: 156 };

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte, index) => byte === 0 || (bytes.length === BLOCK && index >= CHECKSUM.from && index < CHECKSUM.to));
}
