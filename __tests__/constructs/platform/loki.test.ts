import { expect, it } from "vitest";
import { identityOf, platformOf, rightsOf } from "../../support/platform";

const platform = platformOf({ loki: { volumeGiB: 30 } }, { cluster: { logs: { containers: 14 } } });
const { values } = platform.release("loki");

it("keeps logs in the colour's own bucket for as long as the fleet says", () => {
  expect(values["loki"]).toMatchObject({
    storage: { type: "s3", s3: { region: "eu-west-1" } },
    limits_config: { retention_period: "336h" },
    compactor: { retention_enabled: true, delete_request_store: "s3" },
  });
  expect(JSON.stringify(values)).toContain("logs-blue");
  expect(JSON.stringify(values)).not.toMatch(/accessKeyId|secretAccessKey/);
});

it("is one pod, whose volume goes with it, and none of the parts that a small team does not need", () => {
  expect(values).toMatchObject({
    deploymentMode: "Monolithic",
    singleBinary: { replicas: 1, persistence: { size: "30Gi", enableStatefulSetAutoDeletePVC: true } },
    read: { replicas: 0 },
    write: { replicas: 0 },
    backend: { replicas: 0 },
    gateway: { enabled: false },
    chunksCache: { enabled: false },
    resultsCache: { enabled: false },
    lokiCanary: { enabled: false },
  });
});

it("may use its colour's bucket and key alone", () => {
  expect(identityOf(platform, "loki")).toBe("logging/loki");
  for (const { Resource } of rightsOf(platform, "loki")) expect(JSON.stringify(Resource)).toMatch(/logs-blue|logs-key/);
});
