import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deviations, type Deviation } from "../../../preview/deploy/compare";
import type { PreviewReport } from "../../../preview/report/model";
import type { PlanJson, ResourceChange } from "../../../terraform/plan-json";
import { anyValue, aPlanned, aProgram, reportOf, type ReportOptions } from "../../support/plans";

const KEY = Buffer.from("a key that only planning and deploying roles can derive");
const FINAL = { final: true };

const changed = (before: object | null, after: object | null, more: Parameters<typeof aPlanned>[3] = {}): ResourceChange =>
  aPlanned(["update"], before as never, after as never, more);

/** Holds a plan to a reviewed one, both made as a preview and a deploy make them. */
function compared(reviewed: Partial<PlanJson>, planned: Partial<PlanJson>, options: ReportOptions = {}): readonly Deviation[] {
  const review = reportOf(reviewed, options);
  return deviations([review], against(review, planned, { ...options, mode: "real" }), FINAL);
}

function against(review: PreviewReport, planned: Partial<PlanJson>, options: ReportOptions = {}): PreviewReport {
  return reportOf(planned, { ...options, reviewed: review.stacks[0]?.changes ?? [] });
}

const plan = (...changes: ResourceChange[]): Partial<PlanJson> => ({ resource_changes: changes });
const reasons = (found: readonly Deviation[]): readonly string[] => found.map(({ reason }) => reason);

describe("a plan that is about to be applied", () => {
  it("is the reviewed one when every value is", () => {
    const same = plan(changed({ a: "1" }, { a: "2" }));
    expect(compared(same, same)).toEqual([]);
    expect(compared(same, same, { key: KEY })).toEqual([]);
  });

  it("deviates in what is done, to what, and to which value", () => {
    const reviewed = plan(changed({ a: "1" }, { a: "2" }));
    expect(reasons(compared(reviewed, plan(changed({ a: "1" }, { a: "3" }))))).toEqual(["a becomes 3; 2 was reviewed"]);
    expect(reasons(compared(reviewed, plan(aPlanned(["delete", "create"], { a: "1" }, { a: "2" }))))).toEqual([
      "would be replaced; changed was reviewed",
    ]);
    expect(reasons(compared(reviewed, plan(changed({ a: "1" }, { a: "2" }, { address: "aws_s3_bucket.y" }))))).toEqual([
      "would be changed, which nobody reviewed",
      "would stay as it is; changed was reviewed",
    ]);
  });

  it("deviates by one character of a long text that no report shows whole", () => {
    const text = (at1250: string): string => `${"a".repeat(1250)}${at1250}${"b".repeat(215)}`;
    const script = (end: string) => plan(changed({ user_data: "x" }, { user_data: text(end) }));
    expect(compared(script("1"), script("1"))).toEqual([]);
    expect(compared(script("1"), script("2"))).toHaveLength(1);
  });

  it("deviates when a list that was only put in another order becomes another list", () => {
    const ranges = (...after: string[]) => plan(changed({ cidrs: ["10.0.0.0/8", "192.0.2.0/24"] }, { cidrs: after }));
    expect(compared(ranges("192.0.2.0/24", "10.0.0.0/8"), ranges("192.0.2.0/24", "10.0.0.0/8"))).toEqual([]);
    expect(reasons(compared(ranges("192.0.2.0/24", "10.0.0.0/8"), ranges("0.0.0.0/0")))[0]).toContain("was reviewed");
  });

  it("deviates when two texts of equal content differ, as a comment may be an interpreter", () => {
    const script = (first: string) => plan(changed({ user_data: "x" }, { user_data: `#${first}\nruncmd:\n  - a\n` }));
    expect(compared(script("cloud-config"), script("cloud-config"))).toEqual([]);
    expect(reasons(compared(script("cloud-config"), script("!/bin/sh")))).toEqual([
      "user_data becomes another value than the reviewed one",
    ]);
  });

  it("deviates when something unknown at the review was another attribute with the same beginning", () => {
    const program = aProgram("dev", { aws_s3_bucket: { policy: "${aws_x.y.z}", policy_text: "b" } });
    const unknown = plan(changed({ policy: "a", policy_text: "a" }, { policy_text: "a" }, { change: { after_unknown: { policy: true } } }));
    expect(
      compared(unknown, plan(changed({ policy: "a", policy_text: "a" }, { policy: "b", policy_text: "a" })), { head: program }),
    ).toEqual([]);
    expect(
      reasons(compared(unknown, plan(changed({ policy: "a", policy_text: "a" }, { policy: "b", policy_text: "b" })), { head: program })),
    ).toEqual(["policy_text changes, which nobody reviewed"]);
  });

  it("deviates when what was known is unknown now, or comes from elsewhere", () => {
    const from = (source: string) => aProgram("dev", { aws_s3_bucket: { a: `\${${source}}` } });
    const unknown = plan(changed({ a: "1" }, {}, { change: { after_unknown: { a: true } } }));
    const known = reportOf(plan(changed({ a: "1" }, { a: "2" })), { head: from("x.y") });
    expect(reasons(deviations([known], reportOf(unknown, { head: from("x.y"), reviewed: [] }), FINAL))).toEqual([
      "a is known only after apply; 2 was reviewed",
    ]);
    expect(deviations([known], reportOf(unknown, { head: from("x.y"), reviewed: [] }), { final: false })).toEqual([]);
    const elsewhere = deviations([reportOf(unknown, { head: from("x.y") })], reportOf(unknown, { head: from("x.z"), reviewed: [] }), FINAL);
    expect(reasons(elsewhere)).toEqual(["a comes from x.z; x.y was reviewed"]);
  });

  it("deviates when what was unknown becomes something that the program did not say then", () => {
    const unknown = reportOf(plan(changed({ a: "1" }, {}, { change: { after_unknown: { a: true } } })), {
      head: aProgram("dev", { aws_s3_bucket: { a: "${x.y}" } }),
    });
    const held = (program: string) =>
      deviations(
        [unknown],
        against(unknown, plan(changed({ a: "1" }, { a: "evil" })), { head: aProgram("dev", { aws_s3_bucket: { a: program } }) }),
        FINAL,
      );
    expect(held("${x.y}")).toEqual([]);
    expect(reasons(held("evil"))).toEqual(["a becomes evil, and the program says something else of it than at the review"]);
  });

  it("deviates when the order of a replacement is another", () => {
    const replaced = (...actions: ("create" | "delete")[]) => plan(aPlanned(actions, { a: "1" }, { a: "2" }));
    expect(reasons(compared(replaced("create", "delete"), replaced("delete", "create")))).toEqual([
      "makes the new object after the old one goes; the other order was reviewed",
    ]);
  });

  it("deviates in the value of an output that was known", () => {
    const output = (after: string): Partial<PlanJson> => ({ output_changes: { endpoint: { actions: ["update"], before: "a", after } } });
    expect(compared(output("b"), output("b"))).toEqual([]);
    expect(reasons(compared(output("b"), output("https://example.org")))).toEqual(["is another value, which nobody reviewed"]);
  });

  it("may differ in ids that the stand-in made up, and in nothing around them", () => {
    const policy = (id: string, effect: string) =>
      plan(changed({ a: "x" }, { a: `arn:aws:ec2:eu-west-1:111122223333:vpc/${id} ${effect}` }));
    const rehearsed = reportOf(policy("vpc-0123456789abcdef0", "Allow"), { mode: "rehearsed" });
    const held = (planned: Partial<PlanJson>) => deviations([rehearsed], against(rehearsed, planned), FINAL);
    expect(held(policy("vpc-aaaaaaaaaaaaaaaa1", "Allow"))).toEqual([]);
    expect(held(policy("vpc-aaaaaaaaaaaaaaaa1", "Deny"))).toHaveLength(1);
    // An image's digest looks like an id, and stands in the program.
    const image = (digest: string) => {
      const value = `example.org/x@sha256:${digest.repeat(64)}`;
      return reportOf(plan(changed({ a: "x" }, { a: value })), {
        mode: "rehearsed",
        head: aProgram("dev", { aws_s3_bucket: { a: value } }),
        reviewed: [],
      });
    };
    expect(deviations([image("a")], image("a"), FINAL)).toEqual([]);
    expect(deviations([image("a")], image("b"), FINAL)).toHaveLength(1);
  });

  it("deviates when its plan failed, or stopped half-way", () => {
    const same = plan(changed({ a: "1" }, { a: "2" }));
    expect(reasons(compared(same, { ...same, errored: true }))[0]).toContain("the plan stopped half-way");
  });

  it("deviates in imports, moves and objects that are only forgotten", () => {
    const imported = (importing: object) => plan(aPlanned(["update"], { a: "1" }, { a: "2" }, { change: { importing } }));
    expect(compared(imported({ id: "one" }), imported({ id: "one" }))).toEqual([]);
    expect(reasons(compared(imported({ id: "one" }), imported({ id: "two" })))).toEqual(["takes over two; one was reviewed"]);
    expect(reasons(compared(imported({ identity: { bucket: "one" } }), imported({ identity: { bucket: "two" } })))).toHaveLength(1);
    const moved = (from: string) => plan(aPlanned(["no-op"], { a: "1" }, { a: "1" }, { previous_address: from }));
    expect(reasons(compared(moved("aws_s3_bucket.one"), moved("aws_s3_bucket.two")))[0]).toContain("aws_s3_bucket.one was reviewed");
    const replaced = plan(aPlanned(["create", "delete"], { a: "1" }, { a: "2" }));
    const forgotten = plan(aPlanned(["create", "forget"], { a: "1" }, { a: "2" }));
    expect(reasons(compared(replaced, forgotten))).toEqual(["keeps the old object, which nobody reviewed"]);
    expect(reasons(compared(plan(), plan(aPlanned(["forget"], { a: "1" }, null))))).toEqual(["would be forgotten, which nobody reviewed"]);
  });

  it("deviates in actions, deferred changes and failed checks", () => {
    const action = (value: string): Partial<PlanJson> => ({
      action_invocations: [{ address: "action.aws_lambda_invoke.x", config_values: { payload: value } }],
    });
    expect(compared(action("a"), action("a"))).toEqual([]);
    expect(reasons(compared(action("a"), action("b")))).toEqual(["is invoked, which nobody reviewed"]);
    const deferred = { deferred_changes: [{ reason: "absent_prereq", resource_change: changed({ a: "1" }, { a: "2" }) }] };
    expect(reasons(compared({}, deferred))).toEqual(["is left for a later plan: absent prereq, which nobody reviewed"]);
    const failing = { checks: [{ address: { to_display: "check.x" }, status: "fail" as const }] };
    expect(reasons(compared({}, failing))).toEqual(["fails, which nobody reviewed"]);
    expect(compared(failing, failing)).toEqual([]);
  });

  it("deletes what an earlier replacement left only when that was reviewed", () => {
    const deposed = aPlanned(["delete"], { a: "1" }, null, { deposed: "0a1b2c3d" });
    expect(reasons(compared(plan(), plan(deposed)))).toEqual(["would be left from a replacement, deleted, which nobody reviewed"]);
    expect(compared(plan(deposed), plan(deposed))).toEqual([]);
    expect(compared(plan(aPlanned(["create", "delete"], { a: "1" }, { a: "2" })), plan(deposed))).toEqual([]);
  });
});

describe("a hidden value", () => {
  const password = (value: string) => plan(changed({ password: "old-old-old" }, { password: value }));

  it("is held to the reviewed one by a code that only the roles can make", () => {
    expect(compared(password("new-one-here"), password("new-one-here"), { key: KEY })).toEqual([]);
    expect(compared(password("new-one-here"), password("another-here"), { key: KEY })).toMatchObject([{ approvable: false }]);
  });

  it("needs a person where there is no key, or the review had none", () => {
    expect(compared(password("new-one-here"), password("new-one-here"))).toMatchObject([
      { reason: "password changes to a hidden value, and nothing shows that it is the reviewed one", approvable: true },
    ]);
    const review = reportOf(password("new-one-here"));
    expect(deviations([review], against(review, password("new-one-here"), { key: KEY }), FINAL)).toMatchObject([{ approvable: true }]);
  });

  it("gives no digest away that passwords could be tried against", () => {
    const report = reportOf(password("new-one-here"));
    expect(report.stacks[0]?.changes[0]?.differences).toEqual([{ path: "password", kind: "secret", forces: false }]);
  });
});

describe("a deploy that stopped half-way", () => {
  const standing = (address: string, values: object): Partial<PlanJson> => ({
    prior_state: { values: { root_module: { resources: [{ address, mode: "managed", type: "aws_s3_bucket", values: { ...values } }] } } },
  });
  const resumed = (reviewed: Partial<PlanJson>, planned: Partial<PlanJson>): readonly string[] => reasons(compared(reviewed, planned));
  const made = plan(aPlanned(["create"], null, { a: "1", list: ["x", "y"] }));

  it("goes on: what it made or changed as reviewed is done", () => {
    const done = standing("aws_s3_bucket.x", { a: "1", list: ["x", "y"] });
    expect(resumed(made, done)).toEqual([]);
    expect(resumed(made, { ...done, ...plan(aPlanned(["no-op"], { a: "1", list: ["x", "y"] }, { a: "1", list: ["x", "y"] })) })).toEqual(
      [],
    );
    expect(resumed(plan(changed({ a: "0" }, { a: "1" })), done)).toEqual([]);
    expect(resumed(plan(aPlanned(["delete"], { a: "1" }, null)), {})).toEqual([]);
  });

  it("deviates where what stands is not what was reviewed", () => {
    const stays = "would stay as it is; created was reviewed";
    expect(resumed(made, {})).toEqual([stays]);
    expect(resumed(made, standing("aws_s3_bucket.x", { a: "2", list: ["x", "y"] }))).toEqual([stays]);
    expect(resumed(plan(aPlanned(["delete"], { a: "1" }, null)), standing("aws_s3_bucket.x", { a: "1" }))).toEqual([
      "would stay as it is; deleted was reviewed",
    ]);
  });

  it("makes what a replacement had deleted, with every attribute as reviewed", () => {
    const replaced = plan(aPlanned(["delete", "create"], { a: "1", b: "same" }, { a: "2", b: "same" }));
    expect(resumed(replaced, plan(aPlanned(["create"], null, { a: "2", b: "same" })))).toEqual([]);
    expect(resumed(replaced, plan(aPlanned(["create"], null, { a: "2", b: "other" })))).toEqual([
      "b becomes another value than the reviewed one",
    ]);
    expect(resumed(replaced, plan(aPlanned(["create"], null, { a: "2", b: "same", c: "new" })))).toEqual([
      "c is set, which nobody reviewed",
    ]);
  });

  it("replaces what was left half made, and nothing that a person marked", () => {
    const tainted = aPlanned(
      ["delete", "create"],
      { a: "1", list: ["x", "y"] },
      { a: "1", list: ["x", "y"] },
      { action_reason: "replace_because_tainted" },
    );
    expect(resumed(made, plan(tainted))).toEqual([]);
    expect(resumed(made, plan({ ...tainted, action_reason: "replace_by_request" }))).toEqual(["would be replaced; created was reviewed"]);
  });

  it("goes by the newest review of a resource, where several were merged since", () => {
    const [first, second] = ["2", "3"].map((a) => reportOf(plan(changed({ a: "1" }, { a }))));
    if (!first || !second) throw new Error("There are two.");
    expect(deviations([first, second], against(second, plan(changed({ a: "1" }, { a: "3" }))), FINAL)).toEqual([]);
    expect(deviations([first, second], against(second, plan(changed({ a: "1" }, { a: "2" }))), FINAL)).toHaveLength(1);
  });
});

it("any two values that differ deviate", () => {
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, fc.constantFrom(undefined, KEY), (old, a, b, key) => {
      fc.pre(!isDeepStrictEqual(a, b) && !isEmpty(a) && !isEmpty(b) && !isDeepStrictEqual(old, a));
      const to = (value: unknown) => plan(changed({ a: old }, { a: value }));
      expect(compared(to(a), to(b), key ? { key } : {})).not.toEqual([]);
      expect(compared(to(a), to(a), key ? { key } : {}).filter(({ approvable }) => !approvable)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

/** Nothing, in the ways in which providers write it. */
function isEmpty(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}
