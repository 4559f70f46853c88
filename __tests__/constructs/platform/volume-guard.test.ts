import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

it("waits for the volumes of the platform's namespaces, on a system node, as long as Helm waits for it", () => {
  const { arguments: args, values } = platformOf({ "volume-guard": { waitMinutes: 20 } }).release("volume-guard");
  expect(values).toMatchObject({
    namespaces: ["platform", "monitoring", "logging", "traefik", "velero"],
    waitSeconds: 1200,
    nodeSelector: { "drydock.dev/group": "system" },
  });
  expect(args["timeout"]).toBeGreaterThan(1200);
});

it("comes before every release that claims volumes, so that it goes after them", () => {
  const platform = platformOf();
  const claiming = platform.names.filter((name) =>
    /persistentVolumeClaimRetentionPolicy|"persistence"/.test(JSON.stringify(platform.release(name).values)),
  );
  expect(claiming.sort()).toEqual(["kube-prometheus-stack", "loki"]);
  for (const name of claiming) expect(platform.release(name).after).toContain("volume-guard");
});
