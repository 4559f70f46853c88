import { Aspects, DefaultTokenResolver, StringConcat, TerraformStack, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { App } from "cdktf";
import type { Fleet, Placement } from "../config/fleet";
import type { Problem } from "../config/problems";
import type { Backend } from "./backend";

/** What every stack of a synthesis shares. */
export interface Synthesis {
  readonly fleet: Fleet;
  readonly backend: Backend;
  /** Gets what is wrong with values of releases, which are known only once the constructs are made. */
  readonly problems: Problem[];
}

/** Options of {@link FleetStack}. */
export interface FleetStackProps {
  readonly synthesis: Synthesis;
  readonly placement: Placement;
  /** Tags besides fleet, stack and construct path. */
  readonly tags?: Readonly<Record<string, string>>;
}

const RESOLVER = new DefaultTokenResolver(new StringConcat());

/** Tag with the address of the construct that made a resource. */
const PATH_TAG = "drydock:construct";

/** A unit of deployment: its own state, one account and region, and tags that say whose everything is. */
export abstract class FleetStack extends TerraformStack {
  /** Tags that the provider puts on every resource of the stack. */
  protected readonly defaultTags: Readonly<Record<string, string>>;

  protected constructor(app: App, id: string, { synthesis, placement, tags = {} }: FleetStackProps) {
    super(app, id);
    const { fleet, backend } = synthesis;
    this.defaultTags = { ...fleet.tags, "drydock:fleet": fleet.name, "drydock:stack": id, ...tags };
    backend(this);
    // S3 locks state by itself since 1.11.
    this.addOverride("terraform.required_version", ">= 1.11");
    awsProvider(this, placement, this.defaultTags);
    Aspects.of(this).add({ visit: tagWithPath });
  }
}

/**
 * Makes an output of every reference in a stack's facts. cdktf makes them only for what some stack reads, and takes
 * them away with the last reader, which could then no longer be destroyed.
 */
export function exportFacts(stack: TerraformStack, facts: unknown): void {
  if (typeof facts === "string") {
    const [, reference] =
      /^\$\{([^{}]+)\}$/.exec(String(Tokenization.resolve(facts, { scope: stack, resolver: RESOLVER, preparing: false }))) ?? [];
    if (reference !== undefined) stack.registerOutgoingCrossStackReference(reference);
  } else if (typeof facts === "object" && facts !== null) {
    for (const fact of Object.values(facts)) exportFacts(stack, fact);
  }
}

/** An AWS provider that refuses to work in any account but the declared one. */
export function awsProvider(
  stack: TerraformStack,
  placement: Placement,
  tags: Readonly<Record<string, string>>,
  alias?: string,
): AwsProvider {
  return new AwsProvider(stack, alias ?? "aws", {
    region: placement.region,
    allowedAccountIds: [placement.account],
    ...(placement.assumeRoleArn === undefined ? {} : { assumeRole: [{ roleArn: placement.assumeRoleArn }] }),
    defaultTags: [{ tags: { ...tags } }],
    ...(alias === undefined ? {} : { alias }),
  });
}

interface Taggable {
  tags: Record<string, string>;
  readonly tagsInput: Record<string, string> | undefined;
}

function tagWithPath(node: IConstruct): void {
  if (isTaggable(node)) node.tags = { ...node.tagsInput, [PATH_TAG]: node.node.path };
}

function isTaggable(node: unknown): node is Taggable {
  return typeof node === "object" && node !== null && "tagsInput" in node;
}
