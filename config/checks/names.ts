import { COLOURS } from "../fleet";
import * as names from "../names";
import type { Problem } from "../problems";
import type { Check } from "./input";

/** Stack names and namespaces that a cluster must not take. */
const RESERVED = ["foundation", "environment", "default", "all"];

const DNS_LABEL = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

/** Names of clusters, node groups and schedules, and the AWS names made from them, against their limits. */
export const checkNames: Check = ({ fleet }) =>
  Object.entries(fleet.clusters).flatMap(([cluster, declaration]) => {
    const path = `clusters.${cluster}`;
    const problems: Problem[] = [];
    if (!DNS_LABEL.test(cluster)) {
      problems.push({ path, reason: "is not a DNS-1123 label starting with a letter", fix: "use lower case letters, digits and hyphens" });
      return problems;
    }
    if (RESERVED.includes(cluster) || COLOURS.some((colour) => cluster === colour || cluster.endsWith(`-${colour}`))) {
      problems.push({
        path,
        reason: `"${cluster}" is a protected name`,
        fix: `name it after its role, such as production; not ${RESERVED.join(", ")} or a colour`,
      });
    }
    const account = declaration.account ?? fleet.account;
    for (const { kind, limit, name } of names.limitedNames(fleet.name, cluster, account, Object.keys(declaration.nodes.groups))) {
      if (name.length > limit) {
        problems.push({
          path,
          reason: `makes the ${kind} name "${name}", ${name.length} characters where AWS allows ${limit}`,
          fix: `shorten the fleet's or the cluster's name by ${name.length - limit} characters`,
        });
      }
    }
    for (const [kind, keys] of [
      ["nodes.groups", Object.keys(declaration.nodes.groups)],
      ["backups", Object.keys(declaration.backups ?? {})],
    ] as const) {
      for (const key of keys.filter((key) => !DNS_LABEL.test(key))) {
        problems.push({
          path: `${path}.${kind}.${key}`,
          reason: "is not a DNS-1123 label starting with a letter",
          fix: "use lower case letters, digits and hyphens",
        });
      }
    }
    return problems;
  });
