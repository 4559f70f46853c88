import { dirname } from "node:path";
import { controlPlaneBinary } from "../../rehearsal/kubernetes/control-plane-binary";
import { LocalApi } from "../../rehearsal/kubernetes/local-api";

// Starts an API, says which processes and folder it has, and waits to be killed.
async function start(): Promise<void> {
  const { LOGS = "", MINOR = "" } = process.env;
  const api = await LocalApi.start({ controlPlane: await controlPlaneBinary(process.cwd(), MINOR), logs: LOGS });
  process.stdout.write(JSON.stringify({ pids: [...api.pids.values()], keys: dirname(api.kubeconfig) }));
  setInterval(() => undefined, 1000);
}

void start();
