import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

const { values } = platformOf().release("traefik");

it("has no load balancer of its own, and tells Ingresses the one that Terraform owns", () => {
  expect(values["service"]).toEqual({ spec: { type: "ClusterIP" } });
  expect(values["providers"]).toMatchObject({ kubernetesIngress: { publishedService: { enabled: false } } });
  expect(JSON.stringify(values["providers"])).toContain("dev-traffic");
});

it("believes the load balancer's subnets, and nobody else, about who asked", () => {
  const { web } = values["ports"] as { web: { forwardedHeaders: { trustedIPs: string[] } } };
  expect(web.forwardedHeaders.trustedIPs).toEqual(["10.0.192.0/22", "10.0.196.0/22"]);
});

it("leaves without losing a request: it stays until the load balancer has stopped sending", () => {
  const { terminationGracePeriodSeconds, lifecycle } = values["deployment"] as {
    terminationGracePeriodSeconds: number;
    lifecycle: { preStop: { sleep: { seconds: number } } };
  };
  const { transport } = (
    values["ports"] as { web: { transport: { lifeCycle: Record<string, number>; respondingTimeouts: { idleTimeout: number } } } }
  ).web;
  const { requestAcceptGraceTimeout = 0, graceTimeOut = 0 } = transport.lifeCycle;
  expect(lifecycle.preStop.sleep.seconds + requestAcceptGraceTimeout + graceTimeOut).toBeLessThan(terminationGracePeriodSeconds);
  // The load balancer closes idle connections after 60 seconds; it must be the first to.
  expect(transport.respondingTimeouts.idleTimeout).toBeGreaterThan(60);
});

it("shows no dashboard to anyone", () => {
  expect(values).toMatchObject({ api: { dashboard: false }, ingressRoute: { dashboard: { enabled: false } } });
});

it("listens where the load balancer sends", () => {
  expect(values["ports"]).toMatchObject({ web: { port: 8000, exposedPort: 80 }, traefik: { port: 8080 } });
});

it("runs a Traefik without open advisories, and cuts uploads after a minute unless told otherwise", () => {
  expect(values["image"]).toEqual({ tag: "v3.7.13" });
  const readTimeout = (of: typeof values): unknown =>
    (of["ports"] as { web: { transport: { respondingTimeouts: { readTimeout: unknown } } } }).web.transport.respondingTimeouts.readTimeout;
  expect(readTimeout(values)).toBe(60);
  expect(readTimeout(platformOf({ traefik: { readTimeoutSeconds: 0 } }).release("traefik").values)).toBe(0);
});
