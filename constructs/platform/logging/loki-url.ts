/** Where Loki answers within the cluster: its namespace and release name decide it. */
export const LOKI_URL = "http://loki.logging.svc:3100";
