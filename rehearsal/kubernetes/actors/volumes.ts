import type { KubeObject, ObjectMeta } from "../kube-objects";
import type { Actor, ActorStage } from "./actor";

/** Provisioner of EBS volumes. */
const DRIVER = "ebs.csi.aws.com";

/** Set by the scheduler on a claim that waits for its first pod. */
const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/** How long a volume stays after its claim is gone, in milliseconds: EBS deletes asynchronously. */
const DELETION_MS = 1500;

interface Claim extends KubeObject {
  readonly spec: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly accessModes: readonly string[];
    readonly resources: { readonly requests: { readonly storage: string } };
  };
}

interface StorageClass extends KubeObject {
  readonly provisioner: string;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
}

interface Volume extends KubeObject {
  readonly spec: { readonly csi?: { readonly driver: string }; readonly persistentVolumeReclaimPolicy: string };
  readonly status?: { readonly phase?: string };
}

/** EBS volumes: claims get one in their pod's zone; it goes some time after its claim. */
export class Volumes implements Actor {
  readonly name = "volumes";
  readonly simulates = "the EBS CSI driver: volumes exist as objects only, and are deleted a moment after their claims";
  private readonly released = new Map<string, number>();

  constructor(private readonly stage: ActorStage) {}

  async act(): Promise<void> {
    const { mirror } = this.stage;
    const classes = await mirror.list<StorageClass>("storage.k8s.io/v1", "StorageClass");
    const ours = new Map(classes.filter(({ provisioner }) => provisioner === DRIVER).map((each) => [each.metadata.name, each]));
    for (const claim of await mirror.list<Claim>("v1", "PersistentVolumeClaim")) {
      const storageClass = ours.get(claim.spec.storageClassName ?? "");
      if (storageClass && claim.spec.volumeName === undefined) await this.provision(claim, storageClass);
    }
    for (const volume of await mirror.list<Volume>("v1", "PersistentVolume"))
      if (volume.spec.csi?.driver === DRIVER && volume.status?.phase === "Released") await this.release(volume);
  }

  private async provision(claim: Claim, storageClass: StorageClass): Promise<void> {
    const { client } = this.stage;
    const nodeName = claim.metadata.annotations?.[SELECTED_NODE];
    if (storageClass.volumeBindingMode === "WaitForFirstConsumer" && nodeName === undefined) return;
    const name = `pvc-${claim.metadata.uid ?? ""}`;
    if (await client.find("v1", "PersistentVolume", name)) return;
    const node = nodeName === undefined ? undefined : await client.find("v1", "Node", nodeName);
    const zone = node?.metadata.labels?.["topology.kubernetes.io/zone"];
    await client.create({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": DRIVER } },
      spec: {
        capacity: { storage: claim.spec.resources.requests.storage },
        accessModes: claim.spec.accessModes,
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
        storageClassName: storageClass.metadata.name,
        claimRef: referenceTo(claim),
        csi: { driver: DRIVER, volumeHandle: `vol-${(claim.metadata.uid ?? "").replaceAll("-", "").slice(0, 17)}` },
        ...(zone === undefined ? {} : { nodeAffinity: inZone(zone) }),
      },
    });
  }

  private async release(volume: Volume): Promise<void> {
    if (volume.spec.persistentVolumeReclaimPolicy !== "Delete") return;
    const since = this.released.get(volume.metadata.name) ?? Date.now();
    this.released.set(volume.metadata.name, since);
    if (Date.now() - since < DELETION_MS) return;
    await this.stage.client.delete(volume);
    this.released.delete(volume.metadata.name);
  }
}

function referenceTo({ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }: KubeObject): ObjectMeta & object {
  return { apiVersion, kind, name, namespace, uid, resourceVersion } as ObjectMeta;
}

function inZone(zone: string): object {
  return {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: [zone] }] }] },
  };
}
