import { it } from "vitest";
import { controlPlaneBinary } from "../rehearsal/kubernetes/control-plane-binary";
it("b", async () => { console.log(await controlPlaneBinary("/work/wt-kubernetes", "1.35")); }, 3000000);
