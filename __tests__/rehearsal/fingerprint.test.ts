import { describe, expect, it } from "vitest";
import { Facts } from "../../rehearsal/facts";
import { differences, fingerprint } from "../../rehearsal/fingerprint";
import type { State } from "../../terraform/state";
import { ROOT } from "../support/checkout";

const facts = new Facts(ROOT);
const state = (vpc: string, subnetVpc: string, cidr = "10.0.0.0/16"): ReadonlyMap<string, State> => {
  const resource = (type: string, attributes: object) => ({
    address: `${type}.main`,
    type,
    attributes: { ...attributes },
    dependencies: [],
    private: undefined,
    tainted: false,
  });
  const resources = [
    resource("aws_vpc", { id: vpc, arn: `arn:aws:ec2:eu-west-1:1:vpc/${vpc}`, cidr_block: cidr, enable_dns_support: true }),
    resource("aws_subnet", { id: `subnet-${vpc.slice(4)}`, vpc_id: subnetVpc, cidr_block: "10.0.0.0/24" }),
  ];
  return new Map([["dev-network", { serial: 1, lineage: "x", resources }]]);
};
const [one, two] = ["vpc-0123456789abcdef0", "vpc-0fedcba9876543210"];
const of = (states: ReadonlyMap<string, State>) => fingerprint(states, facts);

describe("a fingerprint", () => {
  it("is the same for the same objects with other ids", () => {
    expect(of(state(one, one)).hash).toBe(of(state(two, two)).hash);
  });

  it("differs when any attribute differs, and says where", () => {
    const [a, b] = [of(state(one, one)), of(state(one, one, "10.1.0.0/16"))];
    expect(a.hash).not.toBe(b.hash);
    expect(differences(a, b)).toEqual(["dev-network/aws_vpc.main"]);
  });

  it("differs when an object refers to another one than before", () => {
    expect(differences(of(state(one, one)), of(state(one, two)))).toEqual(["dev-network/aws_subnet.main"]);
  });

  it("differs when a name that the program gives changes, and not when a made-up one does", () => {
    const bucket = (name: string) =>
      of(
        new Map([
          [
            "dev-data",
            {
              serial: 1,
              lineage: "x",
              resources: [
                {
                  address: "aws_s3_bucket.main",
                  type: "aws_s3_bucket",
                  attributes: { bucket: name, id: name },
                  dependencies: [],
                  private: undefined,
                  tainted: false,
                },
              ],
            },
          ],
        ]),
      ).hash;
    expect(bucket("acme-backups")).not.toBe(bucket("acme-logs"));
    expect(bucket("terraform-2026112310111213140a1b2c3d")).toBe(bucket("terraform-2027010101010101010000ffff"));
  });

  it("names what it leaves out", () => {
    expect(of(state(one, one)).excluded).toEqual(["aws_subnet.id", "aws_vpc.id"]);
  });
});
