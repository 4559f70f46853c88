import { inertData } from "../../config/inert-text";

/** Texts of several lines in a report. */
const OF_LINES: ReadonlySet<string> = new Set(["diff"]);

/** Longest text that is rendered, in characters; none of Drydock's own is as long. */
const LONGEST = 45_000;

/** A report in which no text steers what shows it: the one escaping that every rendering begins with. */
export function inertReport<Report>(report: Report): Report {
  return inertData(report, OF_LINES, LONGEST);
}
