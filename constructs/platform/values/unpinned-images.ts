import type { Problem } from "../../../config/problems";

/** Images within values that name no version, so that a restarted pod could run something else than its neighbour. */
export function unpinnedImages(values: unknown, path: readonly string[] = []): readonly Problem[] {
  if (typeof values !== "object" || values === null) return [];
  return Object.entries(values).flatMap(([key, value]: [string, unknown]) => {
    const at = [...path, key];
    const unpinned = key === "image" || key.endsWith("Image") ? withoutVersion(value) : undefined;
    const here =
      unpinned === undefined
        ? []
        : [
            {
              path: at.join("."),
              reason: `the image ${unpinned} has no version`,
              fix: "give it a tag such as v1.2.3 (not latest), or a digest",
            },
          ];
    return [...here, ...unpinnedImages(value, at)];
  });
}

/** The image's name, when nothing says which version of it is meant. */
function withoutVersion(image: unknown): string | undefined {
  if (typeof image === "string") return image.includes("@") || /:(?!latest$)[\w.-]+$/.test(image) ? undefined : image;
  if (typeof image !== "object" || image === null) return undefined;
  const { repository, tag, digest } = image as { readonly repository?: unknown; readonly tag?: unknown; readonly digest?: unknown };
  if (tag === "latest") return `${typeof repository === "string" ? repository : "of the chart"}:latest`;
  // Without a repository the image is the chart's own, at the version that the lock pins with the chart.
  if (typeof repository !== "string" || isText(digest) || isText(tag)) return undefined;
  return repository;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
