import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { compareManifests } from "../../preview/charts/manifests";
import { packageAt, type ReleaseChange } from "../../preview/charts/releases";
import { Secrets } from "../../preview/redaction/secrets";
import { provideHelm } from "../support/helm";

// Building Helm takes minutes where there is none yet.
vi.setConfig({ hookTimeout: 600_000 });

let root: string;
let helm: boolean;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "drydock-manifests-"));
  helm = await provideHelm();
  await pack("1.0.0", "replicas: {{ .Values.replicas }}\n  name: old-{{ .Capabilities.KubeVersion.Minor }}");
  await pack("1.1.0", "replicas: {{ .Values.replicas }}\n  name: new");
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** Packs a chart of two manifests where a preview looks for it. */
async function pack(version: string, data: string): Promise<void> {
  const chart = join(root, version, "lab");
  mkdirSync(join(chart, "templates"), { recursive: true });
  mkdirSync(join(root, "vendor", "charts"), { recursive: true });
  writeFileSync(join(chart, "Chart.yaml"), `apiVersion: v2\nname: lab\nversion: ${version}\n`);
  writeFileSync(join(chart, "templates", "config.yaml"), `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\ndata:\n  ${data}\n`);
  writeFileSync(
    join(chart, "templates", "secret.yaml"),
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  same: s4me-value\n  password: {{ .Values.password }}\n",
  );
  await execa("tar", ["-czf", join(root, "vendor", "charts", `lab-${version}-0123456789ab.tgz`), "lab"], { cwd: join(root, version) });
}

function upgrade(to: string): ReleaseChange {
  const side = (version: string, values: object) => ({
    chart: `../../vendor/charts/lab-${version}-0123456789ab.tgz`,
    values: [JSON.stringify(values)],
  });
  const [before, after] = [side("1.0.0", { replicas: 1, password: "hunter2-old" }), side(to, { replicas: 2, password: "hunter2-new" })];
  return {
    address: "helm_release.lab",
    release: "lab",
    namespace: "lab",
    before: packageAt(before.chart),
    after: packageAt(after.chart),
    change: { actions: ["update"], before, after },
  };
}

it("shows what the manifests of two versions differ in, and of a Secret only that it changed", async ({ skip }) => {
  if (!helm) return skip("Helm is not installed, so no manifest was rendered.");
  const compared = await compareManifests(upgrade("1.1.0"), { root, kubernetes: "1.36", secrets: new Secrets() });
  expect(compared.status).toBe("compared");
  const diff = compared.status === "compared" ? compared.diff : compared.because;
  expect(diff).toContain("-  replicas: 1\n-  name: old-36\n+  replicas: 2\n+  name: new\n");
  expect(diff).toContain("+  password: (sensitive), changed");
  expect(diff).not.toMatch(/hunter2|s4me/);
});

it("says which package is missing, and downloads nothing", async () => {
  const compared = await compareManifests(upgrade("1.2.0"), { root, kubernetes: undefined, secrets: new Secrets() });
  expect(compared).toEqual({ status: "not compared", because: "lab-1.2.0-0123456789ab.tgz is not in vendor/charts" });
});
