import { CloudBackend, LocalBackend, NamedCloudWorkspace, S3Backend, type TerraformStack } from "cdktf";
import type { Fleet } from "../config/fleet";
import { stateBucketName } from "../config/names";

/** Gives a stack its place for state. */
export type Backend = (stack: TerraformStack) => void;

/** Where local state lies. */
export interface LocalState {
  /** Path of a stack's state file, relative to the folder its Terraform runs in, so that no machine's path gets into the program. */
  readonly relativePath: (stackId: string) => string;
}

/** The backend that the fleet declares. */
export function declaredBackend(fleet: Fleet, local: LocalState): Backend {
  const { state } = fleet;
  switch (state.kind) {
    case "local":
      return localBackend(local);
    case "s3":
      return (stack) => {
        s3Backend(stack, fleet, state.bucket);
      };
    case "hcp":
      return (stack) => {
        new CloudBackend(stack, {
          hostname: state.hostname ?? "app.terraform.io",
          organization: state.organization,
          workspaces: new NamedCloudWorkspace(`${fleet.name}-${stack.node.id}`),
        });
      };
  }
}

/** State in files, whatever the fleet declares: what rehearsals use. */
export function localBackend({ relativePath }: LocalState): Backend {
  return (stack) => {
    new LocalBackend(stack, { path: relativePath(stack.node.id) });
  };
}

function s3Backend(stack: TerraformStack, fleet: Fleet, declaredBucket: string | undefined): void {
  const [home] = fleet.foundations;
  if (!home) throw new Error("A resolved fleet has a home foundation.");
  new S3Backend(stack, {
    bucket: declaredBucket ?? stateBucketName(fleet.name, home.account),
    key: `${fleet.name}/${stack.node.id}.tfstate`,
    region: home.region,
    // Not `encrypt`: it would ask for S3's own key instead of the bucket's default, which is a key of the fleet.
  });
  // cdktf 0.21 does not know S3's own locking yet.
  stack.addOverride("terraform.backend.s3.use_lockfile", true);
}
