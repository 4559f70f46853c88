import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { App } from "cdktf";
import { readJson } from "./config/files";
import { OVERRIDES_VARIABLE, readOverrides } from "./config/overrides";
import { FleetError } from "./config/problems";
import { resolveFleet } from "./config/resolve";
import declaration from "./fleet";
import { declaredBackend, localBackend, type LocalState } from "./stacks/backend";
import { declareFleet } from "./stacks/declare-fleet";
import { withoutTokenTraces } from "./stacks/token-traces";
import { copyProviderLock } from "./terraform/provider-lock";

try {
  const overrides = readOverrides(process.env[OVERRIDES_VARIABLE]);
  const fleet = resolveFleet(declaration, { state: overrides.fleetState ?? readJson(__dirname, "fleet.state.json") });

  const app = new App({ stackTraces: false });
  const stateFolder = overrides.localState ?? join(__dirname, ".terraform-state");
  const local: LocalState = { relativePath: (id) => relative(join(app.outdir, "stacks", id), join(stateFolder, `${id}.tfstate`)) };
  withoutTokenTraces(() => {
    declareFleet(app, fleet, overrides.localState === undefined ? declaredBackend(fleet, local) : localBackend(local));
    app.synth();
  });
  writeFileSync(join(app.outdir, "fleet.json"), `${JSON.stringify(fleet, null, 2)}\n`);
  copyProviderLock(
    __dirname,
    app.outdir,
    app.node.children.map((stack) => stack.node.id),
  );
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  process.stderr.write(error.message);
  process.exitCode = error.exitCode;
}
