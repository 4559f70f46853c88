import type { ClusterDeclaration } from "../../config/cluster-declaration";
import type { Fleet } from "../../config/fleet";
import { staging } from "../../config/presets";
import { readChartFiles } from "../../config/files";
import { resolveFleet } from "../../config/resolve";
import { RELEASE_DESCRIPTIONS } from "../../constructs/platform";

/**
 * A fleet of so many clusters in two zones each, all running.
 * @param bare without any release
 */
export function fleetOf(count: number, bare = false): Fleet {
  const names = Array.from({ length: count }, (_, index) => `c${index}`);
  const clusters = Object.fromEntries(
    names.map((name, index): [string, ClusterDeclaration] => [
      name,
      staging({ network: { cidr: `10.${index}.0.0/16` }, ...(bare ? { platform: NOTHING } : {}) }),
    ]),
  );
  const state = Object.fromEntries(names.map((name) => [name, { colours: { blue: { kubernetes: "1.36", weight: 100 } } }]));
  return resolveFleet(
    {
      name: "bench",
      account: "111122223333",
      region: "eu-west-1",
      domain: "k8s.example.org",
      owner: "ops@example.org",
      github: { repository: "example/platform" },
      access: { admins: ["arn:aws:iam::111122223333:role/admin"] },
      clusters,
    },
    { state, ...readChartFiles(process.cwd()), releases: RELEASE_DESCRIPTIONS },
  );
}

/** Leaves out every release. */
const NOTHING = Object.fromEntries(RELEASE_DESCRIPTIONS.map(({ name }) => [name, false])) as ClusterDeclaration["platform"];
