import { createHash } from "node:crypto";
import type { ArchiveFile } from "../../charts/archive";

/** A lock with these charts; each gets what every chart has unless it says otherwise. */
export function lockOf(charts: Readonly<Record<string, object>>): string {
  const complete = Object.entries(charts).map(([name, chart]) => [name, { ...ENTRY, ...chart }]);
  return JSON.stringify({ $schema: "x", date: "2026-01-01", source: "test", charts: Object.fromEntries(complete) as object });
}

/** What a chart has in a lock. */
export const ENTRY = {
  version: "1.0.0",
  appVersion: "1",
  url: "https://example.org/a.tgz",
  sha256: null,
  digestSource: "test",
  images: [],
  crds: { way: "none", names: [] },
};

/** Files of a chart. */
export function chartFiles(name: string, version: string, more: readonly ArchiveFile[] = []): readonly ArchiveFile[] {
  return [{ name: `${name}/Chart.yaml`, content: `apiVersion: v2\nname: ${name}\nversion: ${version}\n` }, ...more];
}

/** A custom resource definition. */
export function crd(name: string): string {
  return `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: ${name}\nspec:\n  description: "a {{ brace }}"\n`;
}

/** Digest of a package. */
export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
