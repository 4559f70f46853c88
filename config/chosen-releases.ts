import type { ReleaseDescription } from "./release";

/** Releases that a cluster gets: the defaults less those left out, and those on request. */
export function chosenReleases(
  releases: readonly ReleaseDescription[],
  platform: Readonly<Record<string, unknown>>,
): readonly ReleaseDescription[] {
  return releases.filter(({ name, onRequest = false }) => (onRequest ? (platform[name] ?? false) : platform[name]) !== false);
}
