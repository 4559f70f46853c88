import { elements, isObject, nonEmpty, textOf, type ObjectValue, type Value } from "../provider/values";
import type { KubeObject } from "./kube-objects";

/** What becomes of a resource type of the Kubernetes provider. */
interface ResourceMapping {
  readonly apiVersion: string;
  readonly kind: string;
  /** Fields besides metadata, from the resource's arguments. */
  readonly fields: (attributes: ObjectValue) => Readonly<Record<string, unknown>>;
}

const MAPPINGS: Readonly<Record<string, ResourceMapping>> = {
  kubernetes_namespace_v1: { apiVersion: "v1", kind: "Namespace", fields: () => ({}) },
  kubernetes_config_map_v1: {
    apiVersion: "v1",
    kind: "ConfigMap",
    fields: ({ data, binary_data, immutable }) => ({ data: data ?? {}, binaryData: binary_data ?? {}, immutable: immutable === true }),
  },
  kubernetes_secret_v1: {
    apiVersion: "v1",
    kind: "Secret",
    fields: ({ data, type, immutable }) => ({ stringData: data ?? {}, type: nonEmpty(type) ?? "Opaque", immutable: immutable === true }),
  },
};

/**
 * The object that a resource of the Kubernetes provider stands for.
 * @throws {Error} for a type that the rehearsal cannot apply for real
 */
export function kubeObjectOf(type: string, attributes: ObjectValue): KubeObject {
  const mapping = MAPPINGS[type];
  if (!mapping)
    throw new Error(`The rehearsal cannot apply ${type} to a Kubernetes API; add it to rehearsal/kubernetes/kubernetes-resources.ts.`);
  const metadata = metadataOf(attributes);
  const namespace = nonEmpty(metadata["namespace"]);
  return {
    apiVersion: mapping.apiVersion,
    kind: mapping.kind,
    metadata: {
      name: textOf(metadata["name"]),
      ...(namespace === undefined ? {} : { namespace }),
      labels: mapOf(metadata["labels"]),
      annotations: mapOf(metadata["annotations"]),
    },
    ...mapping.fields(attributes),
  };
}

/** A resource's attributes with the metadata that the API gave its object. */
export function withMetadata(attributes: ObjectValue, { metadata }: KubeObject): ObjectValue {
  const before = metadataOf(attributes);
  return {
    ...attributes,
    metadata: [
      {
        ...before,
        uid: metadata.uid ?? null,
        resource_version: metadata.resourceVersion ?? null,
        labels: configuredOrForeign(before["labels"], metadata.labels),
        annotations: configuredOrForeign(before["annotations"], metadata.annotations),
      },
    ],
  };
}

/** The provider does not show labels that Kubernetes itself puts on objects. */
function configuredOrForeign(configured: Value | undefined, present: Readonly<Record<string, string>> | undefined): Value {
  const own = mapOf(configured);
  const shown = Object.entries(present ?? {}).filter(([key]) => key in own || !/(^|\.)kubernetes\.io\//.test(key));
  return shown.length === 0 && !isObject(configured) ? (configured ?? null) : Object.fromEntries(shown);
}

function metadataOf(attributes: ObjectValue): ObjectValue {
  const [metadata] = elements(attributes["metadata"]).filter(isObject);
  return metadata ?? {};
}

function mapOf(value: Value | undefined): Readonly<Record<string, string>> {
  return isObject(value) ? (value as Readonly<Record<string, string>>) : {};
}
