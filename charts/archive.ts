import { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { extract, pack } from "tar-stream";

/** A file of a package. */
export interface ArchiveFile {
  readonly name: string;
  readonly content: string;
}

/**
 * Reads the files of a package.
 * @throws {Error} when it is no gzipped tar, or ends before its end
 */
export async function readArchive(bytes: Buffer): Promise<readonly ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  const entries = extract();
  Readable.from([gunzipSync(bytes)]).pipe(entries);
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === "file") files.push({ name: entry.header.name, content: Buffer.concat(chunks).toString("utf8") });
  }
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
