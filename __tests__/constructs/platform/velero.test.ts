import { expect, it } from "vitest";
import { identityOf, platformOf, rightsOf } from "../../support/platform";

const backups = { nightly: { cron: "0 3 * * *", keepDays: 14 } };
const platform = platformOf({ velero: { excludeNamespaces: ["scratch"] } }, { cluster: { backups } });
const { values } = platform.release("velero");

it("writes its own colour's prefix and only reads the other's", () => {
  const { backupStorageLocation: locations } = values["configuration"] as { backupStorageLocation: object[] };
  expect(locations).toMatchObject([
    { name: "blue", prefix: "blue", default: true, accessMode: "ReadWrite", config: { region: "eu-west-1" } },
    { name: "green", prefix: "green", default: false, accessMode: "ReadOnly" },
  ]);
});

it("makes the declared schedules, without what Terraform brings back", () => {
  expect(values["schedules"]).toMatchObject({
    // With the colour in its name: Velero counts the other colour's backups too, by the name of their schedule.
    "blue-nightly": {
      schedule: "0 3 * * *",
      template: { ttl: "336h0m0s", storageLocation: "blue", snapshotVolumes: true, volumeSnapshotLocations: ["ebs"] },
    },
  });
  const nightly = (values["schedules"] as Record<string, { template: { excludedNamespaces: string[] } }>)["blue-nightly"];
  expect(nightly?.template.excludedNamespaces).toEqual(expect.arrayContaining(["kube-system", "monitoring", "velero", "scratch"]));
});

it("snapshots volumes in one way, with the plugin made for its version, and keeps no secret", () => {
  expect(values).toMatchObject({
    deployNodeAgent: false,
    credentials: { useSecret: false },
    initContainers: [{ image: "docker.io/velero/velero-plugin-for-aws:v1.14.2" }],
    cleanUpCRDs: false,
    metrics: { serviceMonitor: { enabled: true, autodetect: false } },
  });
});

it("runs as the account that its role is for", () => {
  expect(identityOf(platform, "velero")).toBe("velero/velero");
  expect(values["serviceAccount"]).toMatchObject({ server: { name: "velero" } });
  expect(JSON.stringify(rightsOf(platform, "velero"))).toContain("/blue/*");
});
