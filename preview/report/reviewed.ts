import type { PreviewReport, ResourcePreview } from "./model";

/** What was reviewed of one stack; a later report has the last word about a resource. */
export function reviewedChanges(reports: readonly PreviewReport[], stack: string): readonly ResourcePreview[] {
  const changes = reports.flatMap(({ stacks }) => stacks.filter(({ name }) => name === stack).flatMap((each) => each.changes));
  return [...new Map(changes.map((change) => [change.address, change])).values()];
}
