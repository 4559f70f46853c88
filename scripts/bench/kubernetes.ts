import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { goTool, HELM } from "../../charts/go-tool";
import { rehearse } from "../../commands/rehearse";
import { ChartFinder } from "../../rehearsal/kubernetes/chart-finder";
import { controlPlaneBinary } from "../../rehearsal/kubernetes/control-plane-binary";
import { Helm } from "../../rehearsal/kubernetes/helm";
import { LocalApi } from "../../rehearsal/kubernetes/local-api";
import { textOf, type ObjectValue } from "../../rehearsal/provider/values";
import { StackRuns } from "../../rehearsal/stack-runs";
import { startStandIn, type StandIn } from "../../rehearsal/stand-in";
import { readProgram } from "../../terraform/program";
import { synthesize } from "../../terraform/synthesize";

const root = process.cwd();
const MINOR = "1.36";
const PLATFORM = "staging-blue-platform";

/** What a real Kubernetes API costs; control planes must be built before, or the first figure is their build. */
export async function benchKubernetes(): Promise<void> {
  process.stdout.write("Kubernetes\n");
  await benchStart();
  await benchInstall();
  const started = performance.now();
  const report = await rehearse(root, ["staging"], { parallel: 2, seed: "bench", json: true, kubernetes: true });
  print("one cluster's whole life on real APIs (goal 180 s)", `${since(started)} s, ${report.ok ? "passed" : "FAILED"}`);
}

async function benchStart(): Promise<void> {
  const controlPlane = await controlPlaneBinary(root, MINOR);
  const times: number[] = [];
  await inFolder(async (folder) => {
    for (let run = 0; run < 3; run += 1) {
      const started = performance.now();
      const api = await LocalApi.start({ controlPlane, logs: folder });
      times.push((performance.now() - started) / 1000);
      await api.stop();
    }
  });
  times.sort((a, b) => a - b);
  print("an API is ready (goal 6 s, median of 3)", `${(times[1] ?? 0).toFixed(1)} s`);
}

/** The releases of one colour through Terraform, and the same by Helm alone, one after the other, in the same order. */
async function benchInstall(): Promise<void> {
  await inFolder(async (folder) => {
    const standIn = await startStandIn(root, folder, { kubernetes: "passing" });
    try {
      const outdir = join(folder, "cdktf.out");
      const fleetState = { staging: { colours: { blue: { kubernetes: MINOR, weight: 100 } } } };
      await synthesize({ root, outdir, overrides: { localState: standIn.stateFolder, fleetState } });
      const stacks = readProgram(outdir).filter(({ name }) => name === "foundation" || name.startsWith("staging-"));
      const runs = new StackRuns(standIn, 2);
      const results = await runs.apply(stacks, () => undefined);
      const platform = results.get(PLATFORM);
      if (platform?.status !== "done") throw new Error("The platform was not installed.");
      const [cluster] = standIn.kubernetes?.clusters.all() ?? [];
      if (!cluster) throw new Error("No cluster runs.");
      print("memory of an API with everything installed (goal 2.5 GB)", `${(await memoryGb(cluster.api)).toFixed(2)} GB`);
      const releases = await releasesInOrder(standIn, runs);
      await runs.destroy(
        stacks.filter(({ name }) => name === PLATFORM),
        () => undefined,
      );
      const bare = await bareHelm(folder, cluster.api, releases);
      print(
        `${releases.length} releases of one colour (goal 1.2 times Helm alone)`,
        `${platform.seconds.toFixed(0)} s, Helm alone ${bare.toFixed(0)} s: ${(platform.seconds / bare).toFixed(2)} times`,
      );
    } finally {
      await standIn.kubernetes?.stop();
      standIn.stop();
    }
  });
}

/** Arguments of the releases as they were applied, in the order in which they became ready. */
async function releasesInOrder({ kubernetes }: StandIn, runs: StackRuns): Promise<readonly ObjectValue[]> {
  const applied = (runs.state(PLATFORM)?.resources ?? []).filter(({ type }) => type === "helm_release");
  const [examined] = (await kubernetes?.examine(false)) ?? [];
  return (examined?.releases ?? []).flatMap(({ name }) =>
    applied.filter(({ attributes }) => attributes["name"] === name).map(({ attributes }) => attributes as ObjectValue),
  );
}

async function bareHelm(folder: string, api: LocalApi, releases: readonly ObjectValue[]): Promise<number> {
  const own = join(folder, "kubernetes");
  const helm = new Helm({ program: await goTool(HELM), folder: join(own, "helm"), path: join(own, "bin") });
  const charts = new ChartFinder(root, join(folder, "cdktf.out"), join(own, "stubs"));
  for (const namespace of new Set(releases.map((release) => textOf(release["namespace"]))))
    if (!(await api.client.find("v1", "Namespace", namespace)))
      await api.client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const started = performance.now();
  // With the deploy role's access: the admission policy refuses everybody else.
  const kubeconfig = join(own, `${new URL(api.endpoint).port}.kubeconfig`);
  for (const release of releases) await helm.apply("upgrade", release, await charts.find(textOf(release["chart"])), kubeconfig, api.client);
  return (performance.now() - started) / 1000;
}

async function memoryGb({ pids }: LocalApi): Promise<number> {
  const { stdout } = await execa("ps", ["-o", "rss=", "-p", [...pids.values()].join(",")]);
  return stdout.split("\n").reduce((sum, line) => sum + Number(line), 0) / 1024 / 1024;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "drydock-bench-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function since(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(0);
}

function print(what: string, figure: string): void {
  process.stdout.write(`  ${what}: ${figure}\n`);
}
