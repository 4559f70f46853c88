import type { ColourName } from "../../../config/fleet";
import type { Statement } from "../../policy";

/** What the policies of controllers refer to. */
export interface IdentityFacts {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly clusterName: string;
  readonly colour: ColourName;
  readonly volumesKeyArn: string;
  readonly backups: { readonly bucketArn: string; readonly keyArn: string };
  readonly logs: { readonly bucketArn: string; readonly keyArn: string };
  readonly alerts: { readonly topicArn: string; readonly watchdogTopicArn: string; readonly keyArn: string };
  /** Zone that the cluster's names are in. */
  readonly zoneArn: string;
  /** Secrets of Secrets Manager that the cluster may bring in. */
  readonly secretsArn: string;
}

/** A controller that calls AWS: the service account it runs as, and the least that it needs. */
export interface ControllerIdentity {
  /** Name of the controller; part of its role's name. */
  readonly controller: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** AWS managed policies, as the path behind `policy/`, where AWS maintains exactly what the controller needs. */
  readonly managedPolicies?: readonly string[];
  readonly statements: (facts: IdentityFacts) => readonly Statement[];
}
