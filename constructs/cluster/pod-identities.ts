import { Construct } from "constructs";
import type { ITerraformDependable } from "cdktf";
import { EksPodIdentityAssociation } from "@cdktf/provider-aws/lib/eks-pod-identity-association";
import type { IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import { controllerRoleName } from "../../config/names";
import type { ColourName } from "../../config/fleet";
import type { Transform } from "../../config/transforms";
import { trust } from "../policy";
import { Role } from "../role";
import type { ControllerIdentity, IdentityFacts } from "./identities/identity";

/** Options of {@link PodIdentities}. */
export interface PodIdentitiesProps {
  readonly fleet: string;
  readonly cluster: string;
  readonly colour: ColourName;
  /** The cluster, known once it exists. */
  readonly clusterName: string;
  readonly boundaryArn: string;
  readonly facts: IdentityFacts;
  readonly identities: readonly ControllerIdentity[];
  readonly transform: Transform<IamRoleConfig> | undefined;
}

/** One role and one association per controller: a pod gets what its service account needs, and nothing from its node. */
export class PodIdentities extends Construct {
  /** What a controller's release depends on, by controller. */
  readonly associations: ReadonlyMap<string, ITerraformDependable>;

  constructor(scope: Construct, id: string, props: PodIdentitiesProps) {
    super(scope, id);
    const { account, partition, region } = props.facts;
    this.associations = new Map(
      props.identities.map(({ controller, namespace, serviceAccount, managedPolicies = [], statements }) => {
        const role = new Role(this, controller, {
          name: controllerRoleName(props.fleet, props.cluster, props.colour, controller),
          trust: trust({ Service: "pods.eks.amazonaws.com" }, ["sts:AssumeRole", "sts:TagSession"], {
            StringEquals: { "aws:SourceAccount": account },
            ArnEquals: { "aws:SourceArn": `arn:${partition}:eks:${region}:${account}:cluster/${props.facts.clusterName}` },
          }),
          boundaryArn: props.boundaryArn,
          managedPolicyArns: managedPolicies.map((policy) => `arn:${partition}:iam::aws:policy/${policy}`),
          statements: statements(props.facts),
          transform: props.transform,
        });
        const association = new EksPodIdentityAssociation(this, `${controller}-association`, {
          clusterName: props.clusterName,
          namespace,
          serviceAccount,
          roleArn: role.arn,
          dependsOn: [...role.policies],
        });
        return [controller, association];
      }),
    );
  }
}
