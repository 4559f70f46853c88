import type { KubeObject } from "../kube-objects";
import { runs, type Actor, type ActorStage } from "./actor";

const IMAGE = "aws-load-balancer-controller";
const BINDING_API = "elbv2.k8s.aws/v1beta1";

/** Finalizers with which the controller holds what it still has to take off AWS. */
const FINALIZERS: Readonly<Record<string, string>> = {
  TargetGroupBinding: "elbv2.k8s.aws/resources",
  Service: "service.k8s.aws/resources",
};

interface Service extends KubeObject {
  readonly spec: { readonly type?: string; readonly loadBalancerClass?: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly object[] } };
}

/** The AWS load balancer controller: bindings and Services get finalizers and a status, and are let go when deleted. */
export class LoadBalancers implements Actor {
  readonly name = "load balancers";
  readonly simulates = "the AWS load balancer controller: targets are never registered, Services get a host name that answers nothing";

  constructor(private readonly stage: ActorStage) {}

  async act(): Promise<void> {
    const { client, mirror } = this.stage;
    const bindings = await mirror.list(BINDING_API, "TargetGroupBinding");
    const services = (await mirror.list<Service>("v1", "Service")).filter(({ spec }) => spec.type === "LoadBalancer");
    if (bindings.length + services.length === 0 || !(await runs(mirror, IMAGE))) return;
    for (const binding of bindings) await this.hold(binding);
    for (const service of services) {
      if (!(await this.hold(service)) || (service.status?.loadBalancer?.ingress ?? []).length > 0) continue;
      const hostname = `${service.metadata.name}-${(service.metadata.uid ?? "").slice(0, 8)}.elb.invalid`;
      await client.merge(service, { status: { loadBalancer: { ingress: [{ hostname }] } } }, "status");
    }
  }

  /** Takes hold of an object, or lets it go. @returns whether it stays */
  private async hold(object: KubeObject): Promise<boolean> {
    const finalizer = FINALIZERS[object.kind] ?? "";
    const present = object.metadata.finalizers ?? [];
    const stays = object.metadata.deletionTimestamp === undefined;
    if (present.includes(finalizer) !== stays)
      await this.stage.client.merge(object, {
        metadata: { finalizers: stays ? [...present, finalizer] : present.filter((each) => each !== finalizer) },
      });
    return stays;
  }
}
