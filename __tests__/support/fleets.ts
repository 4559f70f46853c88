import type { ClusterDeclaration } from "../../config/cluster-declaration";
import type { FleetDeclaration } from "../../config/declaration";
import { staging } from "../../config/presets";
import { resolveFleet } from "../../config/resolve";
import type { Fleet } from "../../config/fleet";
import { filesWith } from "./fleet-files";

/** A small valid cluster; tests change the one thing they are about. */
export function aCluster(overrides: Partial<ClusterDeclaration> = {}): ClusterDeclaration {
  return staging({ network: { cidr: "10.0.0.0/16" }, ...overrides });
}

/** A small valid fleet of one cluster named `dev`. */
export function aFleet(overrides: Partial<FleetDeclaration> = {}): FleetDeclaration {
  return {
    name: "tiny",
    account: "111122223333",
    region: "eu-west-1",
    domain: "k8s.example.org",
    owner: "ops@example.org",
    access: { admins: ["arn:aws:iam::111122223333:role/admin"] },
    clusters: { dev: aCluster() },
    ...overrides,
  };
}

/** The state in which `dev` runs blue at 1.36. */
export const RUNNING = { dev: { colours: { blue: { kubernetes: "1.36", weight: 100 } } } };

/** Checks and resolves a fleet whose cluster `dev` runs, unless told otherwise. */
export function resolved(declaration: FleetDeclaration = aFleet(), state: unknown = RUNNING): Fleet {
  return resolveFleet(declaration, filesWith(state));
}
