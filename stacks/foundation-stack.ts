import type { App } from "cdktf";
import { TerraformOutput } from "cdktf";
import type { Foundation } from "../config/fleet";
import { ciRoleName, stateBucketName } from "../config/names";
import { AlertTopic } from "../constructs/foundation/alert-topic";
import { BudgetAlarm } from "../constructs/foundation/budget-alarm";
import { CiRoles } from "../constructs/foundation/ci-roles";
import { HostedZone } from "../constructs/foundation/hosted-zone";
import { PermissionsBoundary } from "../constructs/foundation/permissions-boundary";
import { ReviewKey } from "../constructs/foundation/review-key";
import { EncryptionKey } from "../constructs/data/encryption-key";
import { PrivateBucket } from "../constructs/data/private-bucket";
import { awsProvider, exportFacts, FleetStack, type Synthesis } from "./fleet-stack";

/** What other stacks may know of a foundation. */
export interface FoundationFacts {
  /** Policy that every role of the fleet carries as its boundary. */
  readonly boundaryArn: string;
  readonly alertTopicArn: string;
  readonly alertKeyArn: string;
  /** Undefined when the fleet has no repository. */
  readonly planRoleArn: string | undefined;
  /** Undefined when the fleet has no repository. */
  readonly deployRoleArn: string | undefined;
  /** Zone for records of a DNS name. */
  readonly zoneIdFor: (domain: string) => string;
}

/** Options of {@link FoundationStack}. */
export interface FoundationStackProps {
  readonly synthesis: Synthesis;
  readonly foundation: Foundation;
  /** The home foundation's place and facts, for every other one. */
  readonly home?: { readonly foundation: Foundation; readonly facts: FoundationFacts };
  /** Facts of the foundation that holds what exists once per account, where that is another one. */
  readonly account?: FoundationFacts;
}

/** What an account and region needs once: state, DNS, CI identity, budget, alerts. */
export class FoundationStack extends FleetStack {
  readonly facts: FoundationFacts;

  constructor(app: App, { synthesis, foundation, home, account }: FoundationStackProps) {
    super(app, foundation.id, { synthesis, placement: foundation });
    const { fleet } = synthesis;
    const { transform } = fleet;
    const place = { partition: foundation.partition, account: foundation.account };
    const declaredBucket = fleet.state.kind === "s3" ? fleet.state.bucket : undefined;
    const stateBucket = declaredBucket ?? stateBucketName(fleet.name, fleet.foundations[0]?.account ?? foundation.account);

    const stateKeyArn =
      foundation.home && declaredBucket === undefined ? this.makeStateBucket(stateBucket, synthesis, foundation) : undefined;
    const suffix = foundation.home ? "" : `-${foundation.region}`;
    const topic = new AlertTopic(this, "alerts", { name: `${fleet.name}-alerts${suffix}`, owner: fleet.owner, ...place });

    const boundaryArn = account?.boundaryArn ?? new PermissionsBoundary(this, "boundary", { name: `${fleet.name}-boundary`, ...place }).arn;
    const roles =
      account ??
      (fleet.github &&
        new CiRoles(this, "ci", {
          fleet: fleet.name,
          ...place,
          ...fleet.github,
          oidcProviderArn: foundation.home ? fleet.github.oidcProviderArn : undefined,
          boundaryArn,
          stateBucket,
          stateKeyArn,
          reviewKeyArn: foundation.home ? this.makeReviewKey(synthesis, foundation) : undefined,
          assumeRoleArns: foundation.home ? [...new Set(fleet.clusters.flatMap(({ assumeRoleArn }) => assumeRoleArn ?? []))] : [],
          transform: transform?.role,
        }));
    if (foundation.home) {
      new BudgetAlarm(this, "budget", { name: `${fleet.name}-monthly`, monthlyUsd: fleet.monthlyBudgetUsd, topicArn: topic.arn });
    }
    this.facts = {
      boundaryArn,
      alertTopicArn: topic.arn,
      alertKeyArn: topic.keyArn,
      planRoleArn: roles?.planRoleArn,
      deployRoleArn: roles?.deployRoleArn,
      zoneIdFor: this.makeZones(synthesis, foundation, home) ?? account?.zoneIdFor ?? home?.facts.zoneIdFor ?? missingZone,
    };
    const zones = [fleet.domain, ...foundation.delegatedDomains].flatMap((domain) =>
      foundation.home || domain !== fleet.domain ? [this.facts.zoneIdFor(domain)] : [],
    );
    exportFacts(this, [this.facts, zones]);
    transform?.stack?.(this);
  }

  private makeStateBucket(name: string, { fleet }: Synthesis, { partition, account }: Foundation): string {
    const key = new EncryptionKey(this, "state-key", {
      alias: `${fleet.name}-state`,
      description: `Terraform state of the fleet ${fleet.name}`,
      partition,
      account,
      transform: fleet.transform?.key,
    });
    // Old states are the way back from a broken one, so they stay longer than other old versions.
    new PrivateBucket(this, "state", {
      name,
      partition,
      key,
      versioned: true,
      noncurrentDays: 90,
      transform: fleet.transform?.bucket,
    });
    return key.arn;
  }

  private makeReviewKey({ fleet }: Synthesis, { partition, account }: Foundation): string {
    const roles = [ciRoleName(fleet.name, "plan"), ciRoleName(fleet.name, "deploy")];
    return new ReviewKey(this, "review", { fleet: fleet.name, partition, account, roles, transform: fleet.transform?.key }).arn;
  }

  /** Zones that live here: the fleet's at home, the delegated ones of another account's clusters elsewhere. */
  private makeZones(
    { fleet }: Synthesis,
    foundation: Foundation,
    home: FoundationStackProps["home"],
  ): FoundationFacts["zoneIdFor"] | undefined {
    const transform = fleet.transform?.zone;
    if (foundation.home) {
      const { hostedZoneId } = foundation;
      if (hostedZoneId !== undefined) return () => hostedZoneId;
      const zone = new HostedZone(this, "zone", { domain: fleet.domain, transform });
      new TerraformOutput(this, "name-servers", {
        value: zone.nameServers,
        description: `Enter these at the registrar of ${fleet.domain}`,
      });
      return () => zone.zoneId;
    }
    if (foundation.delegatedDomains.length === 0 || !home) return undefined;
    const provider = awsProvider(this, home.foundation, this.defaultTags, "home");
    const zones = new Map(
      foundation.delegatedDomains.map((domain) => {
        const parent = { zoneId: home.facts.zoneIdFor(fleet.domain), provider };
        return [domain, new HostedZone(this, `zone-${domain.split(".")[0]}`, { domain, parent, transform }).zoneId];
      }),
    );
    return (domain) => zones.get(domain) ?? missingZone(domain);
  }
}

function missingZone(domain: string): never {
  throw new Error(`No foundation holds a zone for ${domain}.`);
}
