import fc from "fast-check";
import { expect, it } from "vitest";
import type { FleetDeclaration } from "../../config/declaration";
import { FleetError } from "../../config/problems";
import { resolveFleet } from "../../config/resolve";
import { aCluster, aFleet } from "../support/fleets";
import { filesWith } from "../support/fleet-files";
import { synthesized } from "../support/synth";

const cidr = fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 12, max: 26 })).map(([a, b, bits]) => `10.${a}.${b}.0/${bits}`);
const name = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,14}$/), fc.constantFrom("production", "dev", "x", "foundation"));
const types = fc.subarray(["m5.large", "m5a.large", "m6i.large", "m6g.large", "t3.large", "m5.xlarge", "m5.huge"], { minLength: 1 });

const group = fc.record(
  {
    instanceTypes: types,
    min: fc.integer({ min: -1, max: 5 }),
    max: fc.integer({ min: 0, max: 30 }),
    capacity: fc.constantFrom("spot", "on-demand", "reserved"),
    volumes: fc.boolean(),
    diskGiB: fc.integer({ min: 10, max: 200 }),
    labels: fc.dictionary(fc.constantFrom("team", "eks.amazonaws.com/x"), fc.string({ maxLength: 5 }), { maxKeys: 1 }),
  },
  { requiredKeys: ["instanceTypes", "min", "max"] },
);

const cluster = fc.record(
  {
    network: fc.record(
      {
        cidr,
        zones: fc.constantFrom(1, 2, 3, ["eu-west-1a", "eu-west-1b"], ["eu-west-1a"]),
        nat: fc.constantFrom("one", "per-zone", "none"),
        flowLogs: fc.constantFrom(false, 30, 31),
      },
      { requiredKeys: ["cidr"] },
    ),
    nodes: fc.record(
      {
        image: fc.constantFrom("al2023", "bottlerocket"),
        groups: fc.dictionary(fc.constantFrom("system", "general", "Bad Name"), group, { minKeys: 1, maxKeys: 3 }),
      },
      { requiredKeys: ["groups"] },
    ),
    protect: fc.boolean(),
    whenOff: fc.constantFrom("data", "nothing"),
    api: fc.record({ publicCidrs: fc.array(cidr, { maxLength: 2 }) }),
    traffic: fc.record({ allowFrom: fc.array(cidr, { maxLength: 2 }) }),
    region: fc.constantFrom("eu-west-1", "us-east-1", "nowhere"),
  },
  { requiredKeys: ["network", "nodes"] },
);

const soundCluster = fc
  .record({
    second: fc.nat(255),
    max: fc.integer({ min: 1, max: 9 }),
    nat: fc.constantFrom("one", "per-zone"),
    zones: fc.constantFrom(2, 3),
    protect: fc.boolean(),
  })
  .map(({ second, max, nat, zones, protect }) =>
    aCluster({
      protect,
      network: { cidr: `10.${second}.0.0/16`, nat: nat as "one", zones: zones as 2 },
      nodes: { groups: { system: { instanceTypes: ["m5.large"], volumes: true, min: 1, max } } },
    }),
  );

const colour = fc.record({ kubernetes: fc.constantFrom("1.35", "1.36", "1.20"), weight: fc.constantFrom(0, 50, 100) });
const state = fc.record({ colours: fc.record({ blue: colour, green: colour }, { requiredKeys: [] }) });

const declaration = fc.record({
  fleet: fc.record({ name, clusters: fc.dictionary(name, fc.oneof(cluster, soundCluster), { maxKeys: 3 }) }),
  state: fc.dictionary(name, state, { maxKeys: 2 }),
});

/** Prefix of paths that lead into the other file. */
const STATE = "fleet.state.json: ";

it("either synthesizes or is refused with paths that exist", () => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(declaration, ({ fleet, state: fleetState }) => {
      const whole = aFleet(fleet as Partial<FleetDeclaration>);
      try {
        const resolvedFleet = resolveFleet(whole, filesWith(fleetState));
        expect(synthesized(resolvedFleet).stacks.length).toBeGreaterThan(0);
        accepted += 1;
      } catch (error) {
        if (!(error instanceof FleetError)) throw error;
        refused += 1;
        for (const { path, reason, fix } of error.problems) {
          expect(reason).not.toBe("");
          expect(fix).not.toBe("");
          const inState = path.startsWith(STATE);
          expect(leadsSomewhere(inState ? fleetState : whole, inState ? path.slice(STATE.length) : path), path).toBe(true);
        }
      }
    }),
    { numRuns: 300, seed: 20261123 },
  );
  // A generator that only ever makes one kind would prove nothing.
  expect(accepted).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(100);
});

/** Whether a dotted path leads to a value, or to a field missing from a value that exists. Keys may hold dots. */
function leadsSomewhere(value: unknown, path: string): boolean {
  if (path === "") return true;
  if (typeof value !== "object" || value === null) return false;
  if (!path.includes(".")) return true;
  return (
    Object.entries(value).some(
      ([key, inner]) => path === key || (path.startsWith(`${key}.`) && leadsSomewhere(inner, path.slice(key.length + 1))),
    ) || OPTIONAL_PARENTS.some((key) => path.startsWith(`${key}.`))
  );
}

/** Objects that a declaration may leave out although a problem lies within them. */
const OPTIONAL_PARENTS = ["groups", "network", "logs"];
