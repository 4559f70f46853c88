import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv/dist/2020";

/** A Kubernetes object. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

type Schema = Record<string, unknown>;

/** What a Kubernetes version's own OpenAPI documents say of objects. */
export class OpenApi {
  private readonly validators = new Map<string, ValidateFunction | undefined>();

  /** @param folder of the Go module `k8s.io/kubernetes` */
  constructor(private readonly folder: string) {}

  /**
   * What is wrong with an object: also a field that the version does not know, which the API server would drop.
   * @returns undefined when the version has no such kind
   */
  problems(object: KubernetesObject): readonly string[] | undefined {
    const validate = this.validator(object);
    if (!validate) return undefined;
    return validate(object)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message ?? ""} ${JSON.stringify(params)}`);
  }

  private validator({ apiVersion, kind }: KubernetesObject): ValidateFunction | undefined {
    const key = `${apiVersion}/${kind}`;
    if (!this.validators.has(key)) this.validators.set(key, this.compile(apiVersion, kind));
    return this.validators.get(key);
  }

  private compile(apiVersion: string, kind: string): ValidateFunction | undefined {
    const documents = join(this.folder, "api", "openapi-spec", "v3");
    const file = `${apiVersion.includes("/") ? "apis" : "api"}__${apiVersion.replace("/", "__")}_openapi.json`;
    if (!readdirSync(documents).includes(file)) return undefined;
    const { components } = JSON.parse(readFileSync(join(documents, file), "utf8")) as { components: { schemas: Record<string, Schema> } };
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    const name = Object.entries(components.schemas).find(([, schema]) =>
      (schema["x-kubernetes-group-version-kind"] as { group: string; version: string; kind: string }[] | undefined)?.some(
        (known) => known.group === group && known.version === version && known.kind === kind,
      ),
    )?.[0];
    if (name === undefined) return undefined;
    const schemas = Object.fromEntries(Object.entries(components.schemas).map(([id, schema]) => [id, strict(schema)]));
    return new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile({
      $ref: `#/components/schemas/${name}`,
      components: { schemas },
    });
  }
}

/** The documents leave objects open; the API server does not. */
function strict(schema: Schema): Schema {
  const open = "additionalProperties" in schema || schema["x-kubernetes-preserve-unknown-fields"] === true;
  return "properties" in schema && !open ? { ...schema, additionalProperties: false } : schema;
}
