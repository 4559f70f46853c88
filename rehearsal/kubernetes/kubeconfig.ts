import { join } from "node:path";
import { stringify } from "yaml";

/**
 * A kubeconfig for a client of a local API.
 * @param folder holds the certificates
 * @param client whose certificate is used; undefined for an address that wants none
 */
export function kubeconfig(server: string, folder: string, client: string | undefined): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "local",
        cluster: { server, ...(client === undefined ? {} : { "certificate-authority": join(folder, "ca.crt") }) },
      },
    ],
    users: [
      {
        name: "client",
        user:
          client === undefined ? {} : { "client-certificate": join(folder, `${client}.crt`), "client-key": join(folder, `${client}.key`) },
      },
    ],
    contexts: [{ name: "local", context: { cluster: "local", user: "client" } }],
    "current-context": "local",
  });
}
