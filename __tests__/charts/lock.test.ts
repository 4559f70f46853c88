import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { readLock } from "../../charts/lock";
import { chartsOf, crdsPackageName, packageName } from "../../config/chart-lock";
import { pinnedImages } from "../../config/versions";
import { ROOT } from "../support/checkout";
import { drydock } from "../support/drydock";

const lock = readLock(join(ROOT, "charts.lock.json"));

describe("the committed lock", () => {
  it("follows its schema", () => {
    const validate = addFormats(new Ajv({ allowUnionTypes: true })).compile(
      JSON.parse(readFileSync(join(ROOT, "facts", "schema", "charts-lock.schema.json"), "utf8")) as object,
    );
    expect(validate(lock), JSON.stringify(validate.errors)).toBe(true);
  });

  it("pins every chart of the platform at one version and address, with a digest or the word that there is none yet", () => {
    const charts = chartsOf(lock);
    expect(charts.map(({ name }) => name).sort()).toEqual([
      "alloy",
      "aws-load-balancer-controller",
      "cert-manager",
      "cluster-autoscaler",
      "descheduler",
      "external-dns",
      "external-secrets",
      "kube-prometheus-stack",
      "loki",
      "metrics-server",
      "traefik",
      "velero",
    ]);
    for (const { url, sha256, digestSource, version } of charts) {
      expect(url).toMatch(/^(https|oci):\/\//);
      if (url.startsWith("https")) expect(url).toContain(version);
      expect(sha256 === null).toBe(digestSource.startsWith("unrecorded"));
    }
  });

  it("lists the images of every chart at exact versions, none of them moving", () => {
    for (const { name, images } of chartsOf(lock)) {
      expect(images.length, name).toBeGreaterThan(0);
      for (const image of images) expect(image).toMatch(/:v?\d+\.\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$/);
    }
  });

  it("agrees with the images that the platform's values name", () => {
    const images = chartsOf(lock).flatMap((chart) => chart.images);
    const { kubectlWithShell, ...ofCharts } = pinnedImages;
    expect(Object.values(ofCharts).filter((image) => !images.includes(image))).toEqual([]);
    // Our own chart's.
    expect(kubectlWithShell).toMatch(/:\d+\.\d+\.\d+$/);
  });

  it("gives each definition one owner", () => {
    const names = chartsOf(lock).flatMap(({ crds }) => crds.names);
    expect(new Set(names).size).toBe(names.length);
    expect(
      chartsOf(lock)
        .filter(({ crds }) => crds.way === "derived")
        .map(({ name }) => name),
    ).toEqual(["aws-load-balancer-controller", "traefik"]);
  });
});

describe("a package's name", () => {
  it("changes with version and bytes", () => {
    expect(packageName({ name: "a", version: "1.2.3", sha256: "0123456789abcdef".repeat(4) })).toBe("a-1.2.3-0123456789ab.tgz");
    expect(crdsPackageName({ name: "a", version: "1.2.3", sha256: null })).toBe("a-crds-1.2.3-unrecorded.tgz");
  });
});

describe("drydock charts", () => {
  it("verify says which packages are missing and what to type, and exits 1", async () => {
    const { exitCode, stdout } = await drydock(ROOT, ["charts", "verify"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("is missing; run npx drydock charts pull");
  });

  it("a lock that is no lock is refused", async () => {
    const { exitCode, stderr } = await drydock(ROOT, ["charts", "verify", "--lock", "package.json"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("package.json cannot be read");
  });
});
