import { createHash } from "node:crypto";
import type { World } from "../world";
import type { Place } from "./refusals";
import { elements, textOf, type ObjectValue, type Value } from "./values";

/** What a type's own code may look at. */
export interface OverrideContext {
  readonly world: World;
  readonly place: Place;
  readonly now: Date;
}

/** A value that no template can give. */
export type AttributeOverride = (attribute: (path: string) => Value, context: OverrideContext) => Value;

/** Values that need code, by type and attribute. Everything else follows from the facts. */
export const ATTRIBUTE_OVERRIDES: Readonly<Record<string, Readonly<Record<string, AttributeOverride>>>> = {
  aws_acm_certificate: {
    // One record per name; a name and its wildcard share it, as with ACM.
    domain_validation_options: (attribute) => {
      const names = [attribute("domain_name"), ...elements(attribute("subject_alternative_names"))].map(textOf);
      return [...new Set(names)].map((domain) => {
        const bare = domain.replace(/^\*\./, "");
        const digest = createHash("sha256")
          .update(`${textOf(attribute("arn"))}/${bare}`)
          .digest("hex");
        return {
          domain_name: domain,
          resource_record_name: `_${digest.slice(0, 32)}.${bare}.`,
          resource_record_type: "CNAME",
          resource_record_value: `_${digest.slice(32, 64)}.acm-validations.aws.`,
        };
      });
    },
  },
  aws_lb_listener_rule: {
    priority: (attribute, { world }) => {
      const siblings = world.ofType("aws_lb_listener_rule").filter((rule) => rule.attributes["listener_arn"] === attribute("listener_arn"));
      return Math.max(0, ...siblings.map((rule) => Number(rule.attributes["priority"]))) + 1;
    },
  },
  helm_release: {
    version: () => "0.0.0",
    metadata: (attribute, { now }) => ({
      app_version: "",
      chart: textOf(attribute("chart")).split("/").at(-1) ?? "",
      first_deployed: Math.floor(now.getTime() / 1000),
      last_deployed: Math.floor(now.getTime() / 1000),
      name: attribute("name"),
      namespace: attribute("namespace"),
      notes: "",
      revision: 1,
      values: JSON.stringify(attribute("values")),
      version: textOf(attribute("version")) || "0.0.0",
    }),
  },
};

/** What a finished operation does to other objects. */
export type SideEffect = (attributes: ObjectValue, context: OverrideContext) => void;

/** Effects on other objects after a create, by type. */
export const CREATE_EFFECTS: Readonly<Record<string, SideEffect>> = {
  aws_acm_certificate_validation: (attributes, { world }) => {
    const certificate = world.ofType("aws_acm_certificate").find((object) => object.attributes["arn"] === attributes["certificate_arn"]);
    if (certificate) world.put({ ...certificate, attributes: { ...certificate.attributes, status: "ISSUED" } });
  },
};
