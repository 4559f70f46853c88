import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import type { ClusterDeclaration } from "../config/cluster-declaration";
import { readChartFiles } from "../config/files";
import { resolveFleet } from "../config/resolve";
import { RELEASE_DESCRIPTIONS } from "../constructs/platform";
import declaration from "../fleet";
import { localBackend } from "../stacks/backend";
import { declareFleet } from "../stacks/declare-fleet";
import { readProgram } from "../terraform/program";

/** A release as a reviewer should see it. */
export interface GoldenRelease {
  readonly chart: string;
  readonly namespace: string;
  readonly version: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Releases of the example's production, with everything that is on request, by name. */
export function goldenValues(root: string): Readonly<Record<string, GoldenRelease>> {
  const { production } = declaration.clusters;
  if (!production) throw new Error("The example fleet has a cluster named production.");
  const onRequest = RELEASE_DESCRIPTIONS.filter((release) => release.onRequest).map(({ name }) => [name, true]);
  const cluster: ClusterDeclaration = { ...production, platform: Object.fromEntries(onRequest) as ClusterDeclaration["platform"] };
  const fleet = resolveFleet(
    { ...declaration, clusters: { production: cluster } },
    {
      state: { production: { colours: { blue: { kubernetes: "1.36", weight: 100 } } } },
      ...readChartFiles(root),
      releases: RELEASE_DESCRIPTIONS,
    },
  );
  const outdir = mkdtempSync(join(tmpdir(), "drydock-golden-"));
  try {
    const app = new App({ outdir, stackTraces: false });
    declareFleet(app, fleet, localBackend({ relativePath: (id) => `${id}.tfstate` }));
    app.synth();
    const platform = readProgram(outdir).find(({ name }) => name === "production-blue-platform");
    const releases = (platform?.resources ?? []).filter(({ type, arguments: args }) => type === "helm_release" && "values" in args);
    return Object.fromEntries(
      releases.map(({ arguments: args }) => {
        const { name, chart, namespace, version, values } = args as unknown as Omit<GoldenRelease, "values"> & {
          name: string;
          values: [string];
        };
        return [name, { chart, namespace, version, values: JSON.parse(unescaped(values[0])) as GoldenRelease["values"] }];
      }),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Text as Helm gets it, with references to other resources by their address. */
function unescaped(text: string): string {
  return text.replaceAll("$${", "${").replaceAll("%%{", "%{");
}
