import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { builtOnce, keepFresh } from "../../charts/build-cache";
import { go } from "../../charts/go-tool";
import { CommandError } from "../../config/command-error";

/** A control plane that can be started. */
export interface ControlPlaneBinary {
  readonly file: string;
  /** Kubernetes minor, such as `1.36`. */
  readonly minor: string;
  /** Exact version, such as `v1.36.3`. */
  readonly version: string;
}

/** Control planes that no module file asks for any more are removed after this time without use, in milliseconds. */
const UNUSED_MS = 30 * 24 * 60 * 60 * 1000;

const FOLDER = join("rehearsal", "kubernetes", "control-plane");

/** Kubernetes minors that a control plane can be built of. */
export function localMinors(root: string): readonly string[] {
  return readdirSync(join(root, FOLDER))
    .filter((file) => file.endsWith(".mod"))
    .map((file) => file.slice(0, -".mod".length))
    .sort();
}

/**
 * The control plane of a minor: etcd, API server, controllers and scheduler in one program. Built once per user and
 * machine, which takes five minutes on two cores; afterwards this is immediate. Old ones, of 120 MB each, are removed
 * from the cache when nothing used them for 30 days.
 *
 * @param onBuild called when it has to be built
 * @throws {GoMissing} when it is not built yet and Go is not on PATH
 * @throws {CommandError} for a minor without a module file, with the known ones; and when the build fails
 */
export async function controlPlaneBinary(root: string, minor: string, onBuild?: (what: string) => void): Promise<ControlPlaneBinary> {
  const folder = join(root, FOLDER);
  if (!localMinors(root).includes(minor))
    throw new CommandError(
      `There is no local control plane of Kubernetes ${minor}; there are ${localMinors(root).join(", ")}. Add ${join(FOLDER, `${minor}.mod`)} and ${minor}.sum.`,
      2,
    );
  const { version, name, sources } = cached(root, minor);
  const file = await builtOnce(name, async (target) => {
    onBuild?.(`Kubernetes ${version}`);
    const module = dirname(target);
    for (const source of sources) copyFileSync(join(folder, source), join(module, source));
    copyFileSync(join(folder, `${minor}.mod`), join(module, "go.mod"));
    copyFileSync(join(folder, `${minor}.sum`), join(module, "go.sum"));
    const flags = ["-mod=readonly", "-trimpath", "-ldflags", `-s -w ${stamps(version)}`, "-o", target];
    await go(`Kubernetes ${version}`, ["build", ...flags, "."], { cwd: module });
  });
  keepFresh(
    name,
    localMinors(root).map((other) => cached(root, other).name),
    UNUSED_MS,
  );
  return { file, minor, version };
}

/** What a minor's control plane is made from, and its name in the cache, which says all of that. */
export function cached(
  root: string,
  minor: string,
): { readonly version: string; readonly name: string; readonly sources: readonly string[] } {
  const folder = join(root, FOLDER);
  const version = versionIn(readFileSync(join(folder, `${minor}.mod`), "utf8"));
  const sources = readdirSync(folder).filter((file) => file.endsWith(".go"));
  const digest = createHash("sha256");
  for (const file of [...sources, `${minor}.mod`, `${minor}.sum`].sort()) digest.update(readFileSync(join(folder, file)));
  const name = `control-planes/${version}-${digest.digest("hex").slice(0, 12)}-${process.platform}-${process.arch}`;
  return { version, name, sources };
}

function versionIn(module: string): string {
  const [, version] = /^\s*(?:require )?k8s\.io\/kubernetes (v\S+)/m.exec(module) ?? [];
  if (version === undefined) throw new Error("The module file requires no k8s.io/kubernetes.");
  return version;
}

/** Without its version an API server calls itself v0.0.0, and charts refuse it. */
function stamps(version: string): string {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  return Object.entries(values)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(" ");
}
