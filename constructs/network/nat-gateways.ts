import { Construct } from "constructs";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import type { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway, type NatGatewayConfig } from "@cdktf/provider-aws/lib/nat-gateway";
import { transformed, type Transform } from "../../config/transforms";
import type { ZonedSubnet } from "./vpc";

/** Options of {@link NatGateways}. */
export interface NatGatewaysProps {
  readonly name: string;
  readonly mode: "per-zone" | "one" | "none";
  /** Public subnets, in the order of their zones. */
  readonly subnets: readonly ZonedSubnet[];
  /** Must exist before an address can be used. */
  readonly internet: InternetGateway;
  readonly transform: Transform<NatGatewayConfig> | undefined;
}

/** The way out of the private subnets: one gateway per zone, one for all, or none. */
export class NatGateways extends Construct {
  private readonly gateways: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, { name, mode, subnets, internet, transform }: NatGatewaysProps) {
    super(scope, id);
    const homes = { "per-zone": subnets, one: subnets.slice(0, 1), none: [] }[mode];
    this.gateways = new Map(
      homes.map(({ id: subnetId, zone }) => {
        const letter = zone.slice(-1);
        const address = new Eip(this, `address-${letter}`, {
          domain: "vpc",
          tags: { Name: `${name}-nat-${letter}` },
          dependsOn: [internet],
        });
        const config: NatGatewayConfig = { allocationId: address.id, subnetId, tags: { Name: `${name}-${letter}` }, dependsOn: [internet] };
        return [zone, new NatGateway(this, `gateway-${letter}`, transformed(transform, config, letter)).id];
      }),
    );
  }

  /** The gateway that a zone uses: its own where it has one, else the only one. */
  gatewayFor(zone: string): string | undefined {
    return this.gateways.get(zone) ?? [...this.gateways.values()][0];
  }
}
