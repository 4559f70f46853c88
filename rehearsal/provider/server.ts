import {
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
  type sendUnaryData,
  type ServerUnaryCall,
  status,
} from "@grpc/grpc-js";
import { StandInProvider, type ProviderOptions } from "./provider";
import type { ProviderName } from "./derive-schema";
import { serviceDefinition } from "./wire";

/** Every provider that can be played. */
export const PLAYED_PROVIDERS: readonly ProviderName[] = ["aws", "helm", "kubernetes"];

/** Largest message either side may send; the schema of many types is a few megabytes. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Providers that are being served. */
export interface RunningProviders {
  /** Value of `TF_REATTACH_PROVIDERS`: lets every Terraform process use them instead of starting its own. */
  readonly reattach: string;
  readonly stop: () => void;
}

/** Serves providers on loopback, each on a free port, from this process. */
export async function serveProviders(names: readonly ProviderName[], options: Omit<ProviderOptions, "name">): Promise<RunningProviders> {
  const servers = await Promise.all(names.map(async (name) => ({ name, ...(await serve(new StandInProvider({ ...options, name }))) })));
  const reattach = Object.fromEntries(
    servers.map(({ name, port }) => [
      `registry.terraform.io/hashicorp/${name}`,
      { Protocol: "grpc", ProtocolVersion: 6, Pid: process.pid, Test: true, Addr: { Network: "tcp", String: `127.0.0.1:${port}` } },
    ]),
  );
  return {
    reattach: JSON.stringify(reattach),
    stop: () => {
      for (const { server } of servers) server.forceShutdown();
    },
  };
}

async function serve(provider: StandInProvider): Promise<{ server: Server; port: number }> {
  const server = new Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES, "grpc.max_send_message_length": MAX_MESSAGE_BYTES });
  const implementation: UntypedServiceImplementation = Object.fromEntries(
    Object.entries(provider.handlers).map(([call, handler]) => [
      call,
      (incoming: ServerUnaryCall<Record<string, unknown>, object>, answer: sendUnaryData<object>) => {
        // The function makes a throw before the first await a rejection too.
        (async () => handler(incoming.request, incoming.getPeer()))().then(
          (response) => {
            answer(null, response);
          },
          (error: unknown) => {
            answer({ code: status.INTERNAL, message: error instanceof Error ? error.message : String(error) });
          },
        );
      },
    ]),
  );
  server.addService(serviceDefinition(), implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { server, port };
}
