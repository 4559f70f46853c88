import { describe, expect, it } from "vitest";
import { stepsBeforeLoss } from "../../preview/plans/steps-before-loss";
import type { ResourceChange } from "../../terraform/plan-json";
import { changeOf, program, said, type Values } from "../support/loss-steps";

const rule = (days: number, rest: Values = {}) => ({
  id: "expire",
  status: "Enabled",
  filter: [{ prefix: "" }],
  expiration: [{ days }],
  ...rest,
});
const velero = (ttl: string) => ({ values: [JSON.stringify({ schedules: { daily: { schedule: "0 3 * * *", template: { ttl } } } })] });

describe("a step before a loss is", () => {
  it.each<[string, string, Values, Values, string]>([
    [
      "deletion protection off",
      "aws_db_instance",
      { deletion_protection: true },
      { deletion_protection: false },
      "deletion_protection: deletion protection is turned off",
    ],
    [
      "deletion protection as a word",
      "aws_cognito_user_pool",
      { deletion_protection: "ACTIVE" },
      { deletion_protection: "INACTIVE" },
      "deletion_protection: deletion protection is turned off",
    ],
    [
      "deletion protection left out",
      "aws_lb",
      { enable_deletion_protection: true },
      { enable_deletion_protection: null },
      "enable_deletion_protection: deletion protection is turned off",
    ],
    [
      "protection of a type that nobody knows",
      "acme_store",
      { deletion_protection: true },
      {},
      "deletion_protection: deletion protection is turned off",
    ],
    [
      "termination protection off",
      "aws_instance",
      { disable_api_termination: true },
      { disable_api_termination: false },
      "disable_api_termination: termination protection is turned off",
    ],
    [
      "no last snapshot",
      "aws_rds_cluster",
      { skip_final_snapshot: false },
      { skip_final_snapshot: true },
      "skip_final_snapshot: no last snapshot is taken when it is deleted",
    ],
    ["force_destroy", "aws_s3_bucket", {}, { force_destroy: true }, "force_destroy: it is deleted with everything in it"],
    [
      "force_delete",
      "aws_ecr_repository",
      { force_delete: null },
      { force_delete: true },
      "force_delete: it is deleted with everything in it",
    ],
    [
      "automated backups deleted too, by default",
      "aws_db_instance",
      { delete_automated_backups: false },
      {},
      "delete_automated_backups: its automated backups are deleted with it",
    ],
    [
      "a shorter deletion window",
      "aws_kms_key",
      {},
      { deletion_window_in_days: 7 },
      "deletion_window_in_days: after a deletion it can be brought back for 7 days instead of 30",
    ],
    [
      "no recovery window",
      "aws_secretsmanager_secret",
      { recovery_window_in_days: 7 },
      { recovery_window_in_days: 0 },
      "recovery_window_in_days: after a deletion it can be brought back for 0 days instead of 7",
    ],
    [
      "shorter retention of logs",
      "aws_cloudwatch_log_group",
      { retention_in_days: 30 },
      { retention_in_days: 1 },
      "retention_in_days: log events are kept 1 day instead of 30",
    ],
    [
      "retention of logs where 0 is forever",
      "aws_cloudwatch_log_group",
      { retention_in_days: 0 },
      { retention_in_days: 365 },
      "retention_in_days: log events are kept 365 days instead of forever",
    ],
    [
      "no backups",
      "aws_db_instance",
      { backup_retention_period: 7 },
      { backup_retention_period: 0 },
      "backup_retention_period: automated backups are kept 0 days instead of 7",
    ],
    [
      "fewer snapshots",
      "aws_elasticache_replication_group",
      { snapshot_retention_limit: 5 },
      {},
      "snapshot_retention_limit: automated snapshots are kept 0 days instead of 5",
    ],
    [
      "messages kept shorter than by default",
      "aws_sqs_queue",
      {},
      { message_retention_seconds: 60 },
      "message_retention_seconds: messages are kept 60 seconds instead of 345600",
    ],
    [
      "records kept shorter",
      "aws_kinesis_stream",
      { retention_period: 168 },
      { retention_period: 24 },
      "retention_period: records are kept 24 hours instead of 168",
    ],
    [
      "a number as text",
      "aws_swf_domain",
      { workflow_execution_retention_period_in_days: "90" },
      { workflow_execution_retention_period_in_days: "10" },
      "workflow_execution_retention_period_in_days: the history of executions is kept 10 days instead of 90",
    ],
    [
      "versioning suspended",
      "aws_s3_bucket_versioning",
      { versioning_configuration: [{ status: "Enabled" }] },
      { versioning_configuration: [{ status: "Suspended" }] },
      "versioning_configuration[0].status: versioning is suspended: what is overwritten or deleted is gone",
    ],
    [
      "deletion without a second factor",
      "aws_s3_bucket_versioning",
      { versioning_configuration: [{ status: "Enabled", mfa_delete: "Enabled" }] },
      { versioning_configuration: [{ status: "Enabled", mfa_delete: "Disabled" }] },
      "versioning_configuration[0].mfa_delete: versions can be deleted without a second factor",
    ],
    [
      "a default lock gone",
      "aws_s3_bucket_object_lock_configuration",
      { rule: [{ default_retention: [{ mode: "COMPLIANCE", days: 30 }] }] },
      { rule: [] },
      "rule[0].default_retention[0]: new objects are no longer locked against deletion",
    ],
    [
      "point-in-time recovery off",
      "aws_dynamodb_table",
      { point_in_time_recovery: [{ enabled: true }] },
      { point_in_time_recovery: [] },
      "point_in_time_recovery.enabled: point-in-time recovery is turned off",
    ],
    [
      "a volume deleted with its claim",
      "kubernetes_storage_class_v1",
      { reclaim_policy: "Retain" },
      {},
      "reclaim_policy: volumes of new claims are deleted with their claims",
    ],
    [
      "an annotation gone",
      "kubernetes_config_map_v1",
      { metadata: [{ annotations: { "helm.sh/resource-policy": "keep" } }] },
      { metadata: [{ annotations: null }] },
      "metadata[0].annotations.helm.sh/resource-policy: Helm no longer keeps it when its release goes",
    ],
  ])("%s", (_, type, before, after, expected) => {
    expect(said(type, before, after)).toContain(expected);
    expect(said(type, before, before)).toEqual([]);
    expect(said(type, after, after)).toEqual([]);
    expect(said(type, after, before)).toEqual([]);
  });

  it("a rule of a backup plan that keeps backups shorter, or is gone; a new rule is none", () => {
    const plan = (...rules: readonly [string, number | null][]) => ({
      rule: rules.map(([rule_name, delete_after]) => ({ rule_name, lifecycle: delete_after === null ? [] : [{ delete_after }] })),
    });
    const say = (before: Values, after: Values) => said("aws_backup_plan", before, after);
    // Rules are a set: their order says nothing.
    expect(say(plan(["daily", 35], ["weekly", 90]), plan(["weekly", 90], ["daily", 7]))).toEqual([
      "rule[1].lifecycle[0].delete_after: backups are kept 7 days instead of 35",
    ]);
    expect(say(plan(["daily", null]), plan(["daily", 35]))).toEqual([
      "rule[0].lifecycle[0].delete_after: backups are kept 35 days instead of forever",
    ]);
    expect(say(plan(["daily", 35], ["weekly", 90]), plan(["daily", 35]))).toEqual(["rule[1]: a rule that makes backups is removed"]);
    expect(say(plan(["daily", 35]), plan(["hourly", 1], ["daily", 35]))).toEqual([]);
  });

  it("a volume that goes with its machine; one that is new holds nothing yet", () => {
    const device = (device_name: string, gone: boolean | null) => ({ device_name, delete_on_termination: gone });
    const say = (before: readonly Values[], after: readonly Values[]) =>
      said("aws_instance", { ebs_block_device: before }, { ebs_block_device: after });
    expect(say([device("/dev/sdf", false)], [device("/dev/sdg", true), device("/dev/sdf", null)])).toEqual([
      "ebs_block_device[1].delete_on_termination: a volume is deleted with it",
    ]);
    expect(say([], [device("/dev/sdg", true)])).toEqual([]);
  });

  it("a volume that goes with its machine, in templates that write it as text", () => {
    const template = (delete_on_termination: string) => ({
      block_device_mappings: [{ device_name: "/dev/xvda", ebs: [{ delete_on_termination }] }],
    });
    expect(said("aws_launch_template", template("false"), template("true"))).toEqual([
      "block_device_mappings[0].ebs[0].delete_on_termination: a volume is deleted with its machine",
    ]);
  });

  it("none where the type's own default protects as well", () => {
    expect(said("aws_qldb_ledger", { deletion_protection: true }, {})).toEqual([]);
    expect(said("aws_paymentcryptography_key", { deletion_window_in_days: 7 }, {})).toEqual([]);
  });

  it("an ECR policy that keeps fewer images, within its JSON", () => {
    const policy = (countNumber: number) => ({
      policy: JSON.stringify({
        rules: [{ rulePriority: 1, selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber } }],
      }),
    });
    expect(said("aws_ecr_lifecycle_policy", policy(50), policy(5))).toEqual([
      "policy.rules[0].selection.countNumber: images are kept: 5 images or days instead of 50",
    ]);
    expect(said("aws_ecr_lifecycle_policy", policy(5), policy(50))).toEqual([]);
    const tagged = (...tagPrefixList: readonly string[]) => ({
      policy: JSON.stringify({
        rules: [{ selection: { tagStatus: "tagged", tagPrefixList, countType: "imageCountMoreThan", countNumber: 5 } }],
      }),
    });
    expect(said("aws_ecr_lifecycle_policy", tagged("v", "r"), tagged("r", "v"))).toEqual([]);
    expect(said("aws_ecr_lifecycle_policy", tagged("v"), tagged("r"))).toHaveLength(1);
  });
});

describe("a bucket's life cycle", () => {
  const say = (before: readonly Values[] | null, after: readonly Values[]) =>
    said("aws_s3_bucket_lifecycle_configuration", before && { bucket: "backups", rule: before }, { bucket: "backups", rule: after });

  it("is a step when objects or old versions are kept shorter", () => {
    expect(say([rule(90)], [rule(30)])).toEqual(["rule[0].expiration[0].days: objects are kept 30 days instead of 90"]);
    const old = (noncurrent_days: number) => ({ ...rule(0), expiration: [], noncurrent_version_expiration: [{ noncurrent_days }] });
    expect(say([old(30)], [old(3)])).toEqual([
      "rule[0].noncurrent_version_expiration[0].noncurrent_days: old versions of objects are kept 3 days instead of 30",
    ]);
    const on = (date: string) => ({ ...rule(0), expiration: [{ date, days: 0 }] });
    expect(say([on("2030-01-01T00:00:00Z")], [on("2027-01-01T00:00:00Z")])).toEqual([
      "rule[0].expiration[0].date: objects are kept until 2027-01-01T00:00:00Z instead of 2030-01-01T00:00:00Z",
    ]);
  });

  it("is a step when a rule is new, or enabled", () => {
    const expected = ["rule[0].expiration[0].days: objects are kept 30 days instead of forever"];
    expect(say([], [rule(30)])).toEqual(expected);
    expect(say([rule(30, { status: "Disabled" })], [rule(30)])).toEqual(expected);
  });

  it("is a step when a rule reaches further than before", () => {
    const logs = rule(30, { filter: [{ prefix: "logs/" }] });
    expect(say([logs], [rule(30)])).toEqual(["rule[0].expiration[0].days: objects are kept 30 days instead of forever"]);
    expect(say([rule(30)], [logs])).toEqual([]);
  });

  it("is none when a rule is renamed, written in another way, moved, or gone", () => {
    expect(say([rule(30)], [rule(30, { id: "renamed", filter: [], prefix: "" })])).toEqual([]);
    expect(say([rule(30), rule(60)], [rule(60), rule(30)])).toEqual([]);
    expect(say([rule(30)], [])).toEqual([]);
  });

  it("is a step when it is created for a bucket that exists, and none for a new one", () => {
    expect(say(null, [rule(30)])).toHaveLength(1);
    const type = "aws_s3_bucket_lifecycle_configuration";
    const created = changeOf(type, null, { rule: [rule(30)] }, { after_unknown: { bucket: true } });
    expect(stepsBeforeLoss(created, undefined, program(type, { bucket: "${aws_s3_bucket.new.id}" }))).toEqual([]);
  });
});

describe("a Helm release", () => {
  const say = (before: Values, after: Values) => said("helm_release", before, after);
  const values = (value: unknown) => ({ values: [JSON.stringify(value)] });

  it("keeps backups shorter, or no longer makes them", () => {
    expect(say(velero("720h0m0s"), velero("168h0m0s"))).toEqual([
      "values.schedules.daily.template.ttl: backups are kept 168h0m0s instead of 720h0m0s",
    ]);
    expect(say(velero("24h"), velero("1440m"))).toEqual([]);
    expect(say(velero("720h"), values({ schedules: {} }))).toEqual(["values.schedules.daily: a schedule of backups is removed"]);
  });

  it.each<[string, unknown, unknown, string]>([
    [
      "reclaim policy",
      { storageClass: { reclaimPolicy: "Retain" } },
      { storageClass: { reclaimPolicy: "Delete" } },
      "values.storageClass.reclaimPolicy: volumes of new claims are deleted with their claims",
    ],
    [
      "kept objects",
      { crds: { annotations: { "helm.sh/resource-policy": "keep" } } },
      { crds: { annotations: {} } },
      "values.crds.annotations.helm.sh/resource-policy: Helm no longer keeps it when its release goes",
    ],
    [
      "volumes of a stateful set",
      { db: [{ name: "main" }] },
      { db: [{ name: "main", retention: { whenDeleted: "Delete" } }] },
      "values.db[0].retention.whenDeleted: volumes are deleted when a stateful set is deleted",
    ],
    ["a volume", { persistence: { enabled: true } }, { persistence: { enabled: false } }, "values.persistence.enabled: its volume goes"],
    [
      "metrics",
      { prometheus: { retention: "30d" } },
      { prometheus: { retention: "1w" } },
      "values.prometheus.retention: its data is kept 1w instead of 30d",
    ],
    [
      "room for metrics",
      { prometheus: { retentionSize: "40GiB" } },
      { prometheus: { retentionSize: "900MiB" } },
      "values.prometheus.retentionSize: its data is kept up to 900MiB instead of 40GiB",
    ],
    [
      "logs",
      { limits: { retention_period: "0s" } },
      { limits: { retention_period: "720h" } },
      "values.limits.retention_period: its data is kept 720h instead of forever",
    ],
  ])("says so of %s at any depth", (_, before, after, expected) => {
    expect(say(values(before), values(after))).toEqual([expected]);
    expect(say(values(after), values(before))).toEqual([]);
  });

  it("says nothing of what only looks like one, or moves in a list", () => {
    expect(say(values({ retention: "policy-30d" }), values({ retention: "policy-7d" }))).toEqual([]);
    const db = (...names: readonly string[]) => values({ db: names.map((name) => ({ name, persistence: { enabled: name === "main" } })) });
    expect(say(db("main", "test"), db("test", "main"))).toEqual([]);
  });

  it("is judged by what Helm merges of YAML, JSON and set", () => {
    const kept = { values: ["persistence: {enabled: true}"] };
    expect(say(kept, { values: ["persistence: {enabled: true}", '{"persistence":{"enabled":false}}'] })).toHaveLength(1);
    expect(say(kept, { values: ['{"persistence":{"enabled":false}}', "persistence:\n  enabled: true\n"] })).toEqual([]);
    expect(say(kept, { ...kept, set: [{ name: "persistence.enabled", value: "false", type: "" }] })).toHaveLength(1);
  });

  it("is judged by the program where its values are known only after the apply", () => {
    const head = (text: string) => program("helm_release", { values: [text] });
    const change = changeOf("helm_release", velero("720h"), { name: "velero" }, { after_unknown: { values: true } });
    const text = (ttl: string) => JSON.stringify({ bucket: "${aws_s3_bucket.b.id}", schedules: { daily: { template: { ttl } } } });
    expect(stepsBeforeLoss(change, undefined, head(text("24h")))).toHaveLength(1);
    expect(stepsBeforeLoss(change, undefined, head(text("720h")))).toEqual([]);
    expect(stepsBeforeLoss(change, undefined, head("${local.values}")).map(({ what }) => what)).toContain(
      "backups are kept for as long as is known only after the apply",
    );
  });
});

describe("the programs", () => {
  const type = "aws_s3_bucket";
  const still: ResourceChange = {
    ...changeOf(type, { bucket: "b" }, { bucket: "b" }),
    change: { actions: ["no-op"], before: {}, after: {} },
  };
  const guarded = program(type, { lifecycle: { prevent_destroy: true } });
  const lifted = [{ path: "lifecycle.prevent_destroy", what: "prevent_destroy is taken away: Terraform no longer refuses to delete it" }];

  it("show that prevent_destroy is taken away, although the plan changes nothing", () => {
    expect(stepsBeforeLoss(still, guarded, program(type, {}))).toEqual(lifted);
    expect(stepsBeforeLoss(still, guarded, program(type, { lifecycle: { prevent_destroy: false } }))).toEqual(lifted);
    expect(stepsBeforeLoss(still, guarded, guarded)).toEqual([]);
    expect(stepsBeforeLoss(still, program(type, {}), guarded)).toEqual([]);
  });

  it("say nothing of a resource that one of them lacks", () => {
    expect(stepsBeforeLoss(still, guarded, undefined)).toEqual([]);
    expect(stepsBeforeLoss(still, undefined, guarded)).toEqual([]);
  });

  it("tell what a reference decides after the apply from what the provider fills in", () => {
    const change = changeOf(
      "aws_db_instance",
      { deletion_protection: true, backup_retention_period: 7 },
      {},
      {
        after_unknown: { deletion_protection: true, backup_retention_period: true },
      },
    );
    const head = program("aws_db_instance", { deletion_protection: "${data.x.y.z}", backup_retention_period: "${data.x.y.z}" });
    expect(stepsBeforeLoss(change, undefined, head).map(({ what }) => what)).toEqual([
      "deletion protection is turned off, or not: that is known only after the apply",
      "automated backups are kept for as long as is known only after the apply",
    ]);
    expect(stepsBeforeLoss(change, undefined, program("aws_db_instance", {}))).toEqual([]);
  });
});

describe("nothing is said", () => {
  it("of what is made anew, and holds nothing yet", () => {
    expect(said("aws_db_instance", null, { skip_final_snapshot: true, backup_retention_period: 0 })).toEqual([]);
  });

  it("of data, of what is deposed, read or forgotten", () => {
    const change = changeOf("aws_lb", { enable_deletion_protection: true }, { enable_deletion_protection: false });
    expect(stepsBeforeLoss(change, undefined, undefined)).toHaveLength(1);
    const others: ResourceChange[] = [
      { ...change, mode: "data" },
      { ...change, deposed: "0123abcd" },
      { ...change, change: { ...change.change, actions: ["read"] } },
      { ...change, change: { ...change.change, actions: ["forget"] } },
    ];
    expect(others.flatMap((other) => stepsBeforeLoss(other, undefined, undefined))).toEqual([]);
  });
});

it("the end of what only protects is a step, the end of anything else is none", () => {
  expect(said("aws_s3_bucket_versioning", {}, null)).toEqual([": versioning is suspended: what is overwritten or deleted is gone"]);
  expect(said("aws_backup_selection", {}, null)).toEqual([": the backups that it plans are no longer made"]);
  expect(said("aws_s3_bucket_lifecycle_configuration", { rule: [rule(30)] }, null)).toEqual([]);
});
