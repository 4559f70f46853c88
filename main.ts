import { readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { App } from "cdktf";
import { checkPackages } from "./charts/check-packages";
import { placePackages } from "./charts/place-packages";
import { readChartFiles, readJson } from "./config/files";
import type { Fleet } from "./config/fleet";
import { OVERRIDES_VARIABLE, readOverrides } from "./config/overrides";
import { FleetError } from "./config/problems";
import { resolveFleet } from "./config/resolve";
import { RELEASE_DESCRIPTIONS } from "./constructs/platform";
import type { PinnedRelease } from "./constructs/platform/pinned-release";
import declaration from "./fleet";
import { declaredBackend, localBackend, type Backend, type LocalState } from "./stacks/backend";
import { declareFleet } from "./stacks/declare-fleet";
import { withoutTokenTraces } from "./stacks/token-traces";
import { copyProviderLock } from "./terraform/provider-lock";

async function synthesize(): Promise<void> {
  const overrides = readOverrides(process.env[OVERRIDES_VARIABLE]);
  const fleet = resolveFleet(declaration, {
    state: overrides.fleetState ?? readJson(__dirname, "fleet.state.json"),
    ...readChartFiles(__dirname),
    releases: RELEASE_DESCRIPTIONS,
  });

  const app = new App({ stackTraces: false });
  const stateFolder = overrides.localState ?? join(__dirname, ".terraform-state");
  const local: LocalState = { relativePath: (id) => relative(join(app.outdir, "stacks", id), join(stateFolder, `${id}.tfstate`)) };
  const backend = overrides.localState === undefined ? declaredBackend(fleet, local) : localBackend(local);
  const releases = await declareChecked(app, fleet, backend).catch((error: unknown) => {
    // The app makes its folders at once; where nothing was ever written, none stays.
    for (const folder of [join(app.outdir, "stacks"), app.outdir]) if (readdirSync(folder).length === 0) rmdirSync(folder);
    throw error;
  });

  withoutTokenTraces(() => {
    app.synth();
  });
  writeFileSync(join(app.outdir, "fleet.json"), `${JSON.stringify(fleet, null, 2)}\n`);
  copyProviderLock(
    __dirname,
    app.outdir,
    app.node.children.map((stack) => stack.node.id),
  );
  const packages = releases.filter(({ source }) => source.chart !== undefined).flatMap(({ source }) => source.packages);
  const missing = await placePackages(__dirname, app.outdir, [...new Set(packages)], Object.values(fleet.localCharts));
  // A rehearsal needs none: its stand-in installs no chart.
  if (missing.length > 0 && overrides.localState === undefined) process.stderr.write(missingPackages(missing));
}

/** Declares a fleet and checks what can be known only then: values, against the packages that are at hand. */
async function declareChecked(app: App, fleet: Fleet, backend: Backend): Promise<readonly PinnedRelease[]> {
  const releases = withoutTokenTraces(() => declareFleet(app, fleet, backend));
  const locked = releases.flatMap(({ source: { chart, path }, values }) => (chart === undefined ? [] : [{ chart, path, values }]));
  const problems = await checkPackages(__dirname, Object.values(fleet.charts), locked);
  if (problems.length > 0) throw new FleetError(problems);
  return releases;
}

function missingPackages(missing: readonly string[]): string {
  return `${missing.length} chart packages are missing, such as ${missing[0]}. Run npx drydock charts pull before planning a platform.\n`;
}

synthesize().catch((error: unknown) => {
  if (!(error instanceof FleetError)) throw error;
  process.stderr.write(error.message);
  process.exitCode = error.exitCode;
});
