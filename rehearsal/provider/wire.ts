import { parse, type Type } from "protobufjs";

// The messages of Terraform's plugin protocol 6 that Drydock speaks, written from the protocol's documentation:
// https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol. Field numbers are the protocol's.
const PROTOCOL = `
syntax = "proto3";
package tfplugin6;
message DynamicValue { bytes msgpack = 1; bytes json = 2; }
message Diagnostic { int32 severity = 1; string summary = 2; string detail = 3; AttributePath attribute = 4; }
message AttributePath { repeated Step steps = 1; }
message Step { oneof selector { string attribute_name = 1; string element_key_string = 2; int64 element_key_int = 3; } }
message RawState { bytes json = 1; map<string, string> flatmap = 2; }
message Schema { int64 version = 1; SchemaBlock block = 2; }
message SchemaBlock { int64 version = 1; repeated SchemaAttribute attributes = 2; repeated SchemaNestedBlock block_types = 3; }
message SchemaAttribute { string name = 1; bytes type = 2; bool required = 4; bool optional = 5; bool computed = 6; bool sensitive = 7; bool write_only = 11; }
message SchemaNestedBlock { string type_name = 1; SchemaBlock block = 2; int32 nesting = 3; int64 min_items = 4; int64 max_items = 5; }
message ServerCapabilities { bool plan_destroy = 1; bool get_provider_schema_optional = 2; bool move_resource_state = 3; }
message Empty {}
message GetMetadataResponse { ServerCapabilities server_capabilities = 1; repeated Diagnostic diagnostics = 2; repeated TypeName data_sources = 3; repeated TypeName resources = 4; }
message TypeName { string type_name = 1; }
message GetProviderSchemaResponse { Schema provider = 1; map<string, Schema> resource_schemas = 2; map<string, Schema> data_source_schemas = 3; repeated Diagnostic diagnostics = 4; ServerCapabilities server_capabilities = 6; }
message GetFunctionsResponse { repeated Diagnostic diagnostics = 2; }
message ConfigRequest { DynamicValue config = 1; }
message ValidateProviderConfigResponse { repeated Diagnostic diagnostics = 2; }
message ConfigureProviderRequest { string terraform_version = 1; DynamicValue config = 2; }
message DiagnosticsResponse { repeated Diagnostic diagnostics = 1; }
message ValidateConfigRequest { string type_name = 1; DynamicValue config = 2; }
message UpgradeResourceStateRequest { string type_name = 1; int64 version = 2; RawState raw_state = 3; }
message UpgradeResourceStateResponse { DynamicValue upgraded_state = 1; repeated Diagnostic diagnostics = 2; }
message ReadResourceRequest { string type_name = 1; DynamicValue current_state = 2; bytes private = 3; }
message ReadResourceResponse { DynamicValue new_state = 1; repeated Diagnostic diagnostics = 2; bytes private = 3; }
message PlanResourceChangeRequest { string type_name = 1; DynamicValue prior_state = 2; DynamicValue proposed_new_state = 3; DynamicValue config = 4; bytes prior_private = 5; }
message PlanResourceChangeResponse { DynamicValue planned_state = 1; repeated AttributePath requires_replace = 2; bytes planned_private = 3; repeated Diagnostic diagnostics = 4; bool legacy_type_system = 5; }
message ApplyResourceChangeRequest { string type_name = 1; DynamicValue prior_state = 2; DynamicValue planned_state = 3; DynamicValue config = 4; bytes planned_private = 5; }
message ApplyResourceChangeResponse { DynamicValue new_state = 1; bytes private = 2; repeated Diagnostic diagnostics = 3; bool legacy_type_system = 4; }
message ImportResourceStateRequest { string type_name = 1; string id = 2; }
message ImportResourceStateResponse { repeated ImportedResource imported_resources = 1; repeated Diagnostic diagnostics = 2; }
message ImportedResource { string type_name = 1; DynamicValue state = 2; bytes private = 3; }
message ReadDataSourceRequest { string type_name = 1; DynamicValue config = 2; }
message ReadDataSourceResponse { DynamicValue state = 1; repeated Diagnostic diagnostics = 2; }
message StopProviderResponse { string Error = 1; }
`;

/** The calls Terraform makes, with the messages of their request and response. */
const CALLS = {
  GetMetadata: ["Empty", "GetMetadataResponse"],
  GetProviderSchema: ["Empty", "GetProviderSchemaResponse"],
  GetFunctions: ["Empty", "GetFunctionsResponse"],
  ValidateProviderConfig: ["ConfigRequest", "ValidateProviderConfigResponse"],
  ConfigureProvider: ["ConfigureProviderRequest", "DiagnosticsResponse"],
  ValidateResourceConfig: ["ValidateConfigRequest", "DiagnosticsResponse"],
  ValidateDataResourceConfig: ["ValidateConfigRequest", "DiagnosticsResponse"],
  UpgradeResourceState: ["UpgradeResourceStateRequest", "UpgradeResourceStateResponse"],
  ReadResource: ["ReadResourceRequest", "ReadResourceResponse"],
  PlanResourceChange: ["PlanResourceChangeRequest", "PlanResourceChangeResponse"],
  ApplyResourceChange: ["ApplyResourceChangeRequest", "ApplyResourceChangeResponse"],
  ImportResourceState: ["ImportResourceStateRequest", "ImportResourceStateResponse"],
  ReadDataSource: ["ReadDataSourceRequest", "ReadDataSourceResponse"],
  StopProvider: ["Empty", "StopProviderResponse"],
} as const;

/** Name of a call of the protocol. */
export type CallName = keyof typeof CALLS;

/** A call as gRPC needs it described. */
export interface CallDefinition {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: false;
  readonly requestSerialize: (value: object) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => object;
  readonly responseSerialize: (value: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

/** The service definition that `@grpc/grpc-js` serves. */
export function serviceDefinition(): Readonly<Record<CallName, CallDefinition>> {
  const { root } = parse(PROTOCOL, { keepCase: true });
  const message = (name: string) => root.lookupType(`tfplugin6.${name}`);
  const entries = Object.entries(CALLS).map(([call, [request, response]]) => {
    const [incoming, outgoing] = [message(request), message(response)];
    return [
      call,
      {
        path: `/tfplugin6.Provider/${call}`,
        requestStream: false,
        responseStream: false,
        ...coding("request", incoming),
        ...coding("response", outgoing),
      },
    ];
  });
  return Object.fromEntries(entries) as Readonly<Record<CallName, CallDefinition>>;
}

function coding(side: "request" | "response", type: Type): object {
  return {
    [`${side}Serialize`]: (value: object) => Buffer.from(type.encode(type.fromObject(value)).finish()),
    [`${side}Deserialize`]: (bytes: Buffer) =>
      type.toObject(type.decode(bytes), { longs: Number, bytes: Buffer, defaults: true, arrays: true }),
  };
}
