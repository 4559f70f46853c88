import type { AccessDeclaration } from "../declaration";
import { partitionOf } from "../placement";
import type { Problem } from "../problems";
import type { Check } from "./input";

/** Accounts, regions and roles that belong together. */
export const checkAccounts: Check = ({ fleet }) => [
  ...(fleet.access.admins.length === 0
    ? [{ path: "access.admins", reason: "names nobody, so no one could use the clusters", fix: "name at least one IAM role" }]
    : []),
  ...rightsGivenTwice(fleet.access),
  ...Object.entries(fleet.clusters).flatMap(([name, cluster]) => {
    const path = `clusters.${name}`;
    const account = cluster.account ?? fleet.account;
    const roleAccount = cluster.assumeRoleArn?.split(":")[4];
    return [
      ...(roleAccount !== undefined && roleAccount !== account
        ? [
            {
              path: `${path}.assumeRoleArn`,
              reason: `is a role of account ${roleAccount}, and the cluster is in ${account}`,
              fix: `use a role of account ${account}`,
            },
          ]
        : []),
      ...(account !== fleet.account && cluster.assumeRoleArn === undefined
        ? [
            {
              path: `${path}.assumeRoleArn`,
              reason: `is missing, and the cluster is in another account than the fleet (${account})`,
              fix: `name a role of account ${account} that Terraform assumes`,
            },
          ]
        : []),
      ...(partitionOf(cluster.region ?? fleet.region) !== partitionOf(fleet.region)
        ? [
            {
              path: `${path}.region`,
              reason: "lies in another AWS partition than the fleet",
              fix: "declare a fleet of its own for each partition",
            },
          ]
        : []),
    ];
  }),
  ...roleConflicts(fleet.clusters, fleet.account, fleet.region),
];

/** EKS knows one access entry per role, so a role has one right. */
function rightsGivenTwice({ admins, viewers = [], deployers = [], breakGlass = [] }: AccessDeclaration): Problem[] {
  const entries = Object.entries({ admins, viewers, deployers, breakGlass }).flatMap(([right, roles]) =>
    roles.map((role, index) => ({ role, path: `access.${right}.${index}` })),
  );
  return entries.flatMap(({ role, path }, index) => {
    const first = entries.findIndex((other) => other.role === role);
    return first < index ? [{ path, reason: `${role} has a right already, in ${entries[first]?.path}`, fix: "name each role once" }] : [];
  });
}

function roleConflicts(clusters: Parameters<Check>[0]["fleet"]["clusters"], account: string, region: string): ReturnType<Check> {
  const roles = new Map<string, { cluster: string; role: string | undefined }>();
  return Object.entries(clusters).flatMap(([name, cluster]) => {
    const key = `${cluster.account ?? account}/${cluster.region ?? region}`;
    const first = roles.get(key);
    roles.set(key, first ?? { cluster: name, role: cluster.assumeRoleArn });
    return first && first.role !== cluster.assumeRoleArn
      ? [
          {
            path: `clusters.${name}.assumeRoleArn`,
            reason: `differs from that of ${first.cluster}, which shares its foundation (${key})`,
            fix: "use one role per account and region",
          },
        ]
      : [];
  });
}
