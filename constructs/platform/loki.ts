import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/loki.json";
import type { ControllerIdentity } from "../cluster/identities/identity";
import { LOGGING } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import { STORAGE_CLASS } from "./platform-classes";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources } from "./scheduling";

/** Options of {@link Loki}. */
export interface LokiProps {
  /**
   * Size of the volume for what is not in the bucket yet, in GiB.
   * @default 10
   */
  readonly volumeGiB?: number;
  /**
   * Memory in MiB; it grows with what is written and asked for.
   * @default 1024
   */
  readonly memoryMiB?: number;
}

/** Day from which the schema holds. It never changes: data before it could not be read again. */
const SCHEMA_FROM = "2024-04-01";

const OFF = { enabled: false };

/**
 * Keeps the logs of containers and the cluster's events in the colour's bucket, as long as `logs.containers` says. One
 * pod: while it moves, collectors keep what they have and send it again.
 *
 * @see https://grafana.com/docs/loki/latest/setup/install/helm/
 */
export class Loki extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: "loki",
    chart: { locked: "loki" },
    namespace: LOGGING,
    requires: ["platform-classes", "volume-guard", "kube-prometheus-stack"],
    options: z.strictObject({
      volumeGiB: z.int().min(5).max(16384).optional(),
      memoryMiB: z.int().min(512).max(262144).optional(),
    }),
    without: "Logs end with their pod, and events after an hour.",
    look: ["kubectl -n logging get pods", "kubectl -n logging logs loki-0 -c loki"],
  };

  static readonly identities: readonly ControllerIdentity[] = [
    {
      controller: "loki",
      namespace: LOGGING.name,
      serviceAccount: "loki",
      statements: ({ logs }) => [
        { actions: ["s3:ListBucket"], on: [logs.bucketArn] },
        { actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], on: [`${logs.bucketArn}/*`] },
        { actions: ["kms:Decrypt", "kms:GenerateDataKey"], on: [logs.keyArn] },
      ],
    },
  ];

  constructor(scope: Construct, platform: PlatformContext, { volumeGiB = 10, memoryMiB = 1024 }: LokiProps) {
    const { cluster, facts } = platform;
    super(scope, platform, {
      description: Loki.description,
      keys: chart.keys,
      values: {
        deploymentMode: "Monolithic",
        loki: {
          // One tenant: who may ask is decided at the door, which is a port-forward.
          auth_enabled: false,
          commonConfig: { replication_factor: 1 },
          storage: { type: "s3", bucketNames: { chunks: facts.logBucket }, s3: { region: cluster.region } },
          schemaConfig: {
            configs: [
              { from: SCHEMA_FROM, store: "tsdb", object_store: "s3", schema: "v13", index: { prefix: "loki_index_", period: "24h" } },
            ],
          },
          compactor: { retention_enabled: true, delete_request_store: "s3", working_directory: "/var/loki/compactor" },
          limits_config: { retention_period: `${cluster.logs.containers * 24}h` },
          analytics: { reporting_enabled: false },
        },
        singleBinary: {
          ...ON_SYSTEM_NODES,
          priorityClassName: PRIORITY.standard,
          replicas: 1,
          resources: resources("100m", `${memoryMiB / 2}Mi`, `${memoryMiB}Mi`),
          // Enough to write what it holds to the bucket.
          terminationGracePeriodSeconds: 300,
          persistence: {
            enabled: true,
            storageClass: STORAGE_CLASS,
            size: `${volumeGiB}Gi`,
            enableStatefulSetAutoDeletePVC: true,
          },
        },
        read: { replicas: 0 },
        write: { replicas: 0 },
        backend: { replicas: 0 },
        gateway: OFF,
        chunksCache: OFF,
        resultsCache: OFF,
        lokiCanary: OFF,
        ruler: OFF,
        test: OFF,
        sidecar: { rules: OFF },
        monitoring: { serviceMonitor: { enabled: true } },
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly loki?: boolean | LokiProps;
  }
}
