import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

const backups = { hourly: { cron: "17 * * * *", keepDays: 3 }, weekly: { cron: "41 2 * * 0", keepDays: 90 } };

it("knows how old the newest backup of each schedule may be", () => {
  const { values } = platformOf({ "platform-monitoring": { backupGraceHours: 1 } }, { cluster: { backups } }).release(
    "platform-monitoring",
  );
  expect(values["backups"]).toEqual([
    { schedule: "velero-blue-hourly", maxAgeSeconds: 2 * 3600 },
    { schedule: "velero-blue-weekly", maxAgeSeconds: 169 * 3600 },
  ]);
});

it("watches what is there and nothing else", () => {
  const { values } = platformOf({ velero: false, "restore-guard": false, "cert-manager": true }, { cluster: { backups } }).release(
    "platform-monitoring",
  );
  expect(values).toMatchObject({ backups: [], certificates: true, autoscaler: true });
});
