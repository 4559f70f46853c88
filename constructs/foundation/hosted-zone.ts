import { Construct } from "constructs";
import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Route53Zone, type Route53ZoneConfig } from "@cdktf/provider-aws/lib/route53-zone";
import { transformed, type Transform } from "../../config/transforms";

/** Options of {@link HostedZone}. */
export interface HostedZoneProps {
  readonly domain: string;
  /** The zone above, when it is the fleet's own: it gets the NS record that delegates to this zone. */
  readonly parent?: { readonly zoneId: string; readonly provider: AwsProvider };
  readonly transform?: Transform<Route53ZoneConfig> | undefined;
}

/** A public DNS zone, delegated from its parent where the fleet holds that too. */
export class HostedZone extends Construct {
  readonly zoneId: string;
  readonly nameServers: readonly string[];

  constructor(scope: Construct, id: string, { domain, parent, transform }: HostedZoneProps) {
    super(scope, id);
    const config: Route53ZoneConfig = { name: domain, comment: `Zone of ${domain}` };
    const zone = new Route53Zone(this, "zone", transformed(transform, config, id));
    if (parent) {
      new Route53Record(this, "delegation", {
        provider: parent.provider,
        zoneId: parent.zoneId,
        name: domain,
        type: "NS",
        ttl: 3600,
        records: zone.nameServers,
      });
    }
    this.zoneId = zone.zoneId;
    this.nameServers = zone.nameServers;
  }
}
