import { join } from "node:path";
import { App } from "cdktf";
import { localBackend } from "../../stacks/backend";
import { declareFleet } from "../../stacks/declare-fleet";
import { fleetOf } from "./fleet";

// Writes the program of so many clusters: write-fleet <outdir> <state folder> <clusters>
const [, , outdir = "", stateFolder = "", clusters = "1"] = process.argv;
const app = new App({ outdir, stackTraces: false });
declareFleet(app, fleetOf(Number(clusters)), localBackend({ relativePath: (id) => join(stateFolder, `${id}.tfstate`) }));
app.synth();
