import { IPv4, IPv4CidrRange, IPv4Prefix } from "ip-num";

/** Whether two IPv4 ranges share an address. */
export function overlap(a: string, b: string): boolean {
  const [x, y] = [IPv4CidrRange.fromCidr(a), IPv4CidrRange.fromCidr(b)];
  return x.getFirst().isLessThanOrEquals(y.getLast()) && y.getFirst().isLessThanOrEquals(x.getLast());
}

/** Whether `inner` lies wholly within `outer`. */
export function contains(outer: string, inner: string): boolean {
  const [x, y] = [IPv4CidrRange.fromCidr(outer), IPv4CidrRange.fromCidr(inner)];
  return x.getFirst().isLessThanOrEquals(y.getFirst()) && y.getLast().isLessThanOrEquals(x.getLast());
}

/** The range with its host bits cleared, as AWS requires it. */
export function canonical(cidr: string): string {
  return subnet(cidr, 0, 0);
}

/** Prefix length of an IPv4 range. */
export function prefixLength(cidr: string): number {
  return Number(cidr.split("/")[1]);
}

/**
 * The `index`-th part when a range is cut into parts that are `bits` longer in prefix; like Terraform's `cidrsubnet`.
 */
export function subnet(cidr: string, bits: number, index: number): string {
  const prefix = prefixLength(cidr);
  const length = prefix + bits;
  const first = IPv4CidrRange.fromCidr(cidr).getFirst().getValue() + BigInt(index) * (1n << BigInt(32 - length));
  return new IPv4CidrRange(IPv4.fromNumber(first), IPv4Prefix.fromNumber(BigInt(length))).toCidrString();
}

/** Addresses that AWS leaves to us in a subnet: it keeps five of each. */
export function usableAddresses(cidr: string): number {
  return 2 ** (32 - prefixLength(cidr)) - 5;
}
