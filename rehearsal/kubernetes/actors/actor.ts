import type { World } from "../../world";
import type { KubeClient } from "../kube-client";
import type { KubeObject } from "../kube-objects";
import type { Mirror } from "./mirror";

/** Where actors act. */
export interface Stage {
  /** Name of the EKS cluster. */
  readonly cluster: string;
  /** As administrator. */
  readonly client: KubeClient;
  readonly world: World;
  /** Folder for what an actor keeps; buckets that several clusters share lie beside each other in it. */
  readonly folder: string;
  /** Program that is kubectl with `kubectl` as its first argument. */
  readonly kubectl: string;
  /** Address and certificate authority (PEM) of the API, for processes. */
  readonly endpoint: string;
  readonly authority: string;
}

/** What an actor works with. */
export interface ActorStage extends Stage {
  /** What the cluster holds; shared by all its actors. */
  readonly mirror: Mirror;
}

/** A small simulated controller: it looks at the cluster again and again, and does what the real one would do next. */
export interface Actor {
  /** Short name for reports. */
  readonly name: string;
  /** What it stands in for, in a few words; reports say so. */
  readonly simulates: string;
  /** Looks once, and acts. */
  act(): Promise<void>;
  /** Ends what it started. */
  stop?(): void;
}

/** A workload's fields that tell whether its controller works. */
interface Workload extends KubeObject {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } } };
  readonly status?: { readonly availableReplicas?: number };
}

/**
 * Whether a controller runs: a Deployment with its image is available. An actor only acts while what it stands in for
 * runs, so that what a destroyed controller would leave undone stays undone.
 */
export async function runs(mirror: Mirror, image: string): Promise<boolean> {
  const deployments = await mirror.list<Workload>("apps/v1", "Deployment");
  return deployments.some(
    ({ spec, status }) =>
      (status?.availableReplicas ?? 0) > 0 && spec.template.spec.containers.some((container) => container.image.includes(image)),
  );
}
