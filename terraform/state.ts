import { existsSync, readFileSync } from "node:fs";
import { CommandError } from "../config/command-error";

/** A resource instance of a state. */
export interface StateResource {
  readonly address: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Addresses it was created after, as Terraform's graph had them. */
  readonly dependencies: readonly string[];
  /** The provider's own bytes, base64. */
  readonly private: string | undefined;
  readonly tainted: boolean;
}

/** A state file, typed: the parts that Drydock reads. */
export interface State {
  readonly serial: number;
  readonly lineage: string;
  readonly resources: readonly StateResource[];
}

interface StateFile {
  readonly version: number;
  readonly serial: number;
  readonly lineage: string;
  readonly resources?: readonly {
    readonly mode: "managed" | "data";
    readonly type: string;
    readonly name: string;
    readonly instances: readonly {
      readonly attributes?: Readonly<Record<string, unknown>>;
      readonly dependencies?: readonly string[];
      readonly private?: string;
      readonly status?: string;
      readonly index_key?: string | number;
      readonly deposed?: string;
    }[];
  }[];
}

/** Format version of the state files that Terraform 1.x writes. */
const STATE_VERSION = 4;

/**
 * Reads a local state file.
 * @returns undefined when there is none
 * @throws {CommandError} when it is damaged or of a format that Drydock does not know
 */
export function readState(file: string): State | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  // Terraform leaves an empty file when it is killed before its first write.
  if (text === "") return undefined;
  const parsed = parseState(text, file);
  if (parsed.version !== STATE_VERSION)
    throw new CommandError(
      `The state ${file} has format ${parsed.version}; Drydock reads format ${STATE_VERSION}. Use the Terraform that wrote it.`,
      2,
    );
  const resources = (parsed.resources ?? [])
    .filter(({ mode }) => mode === "managed")
    .flatMap(({ type, name, instances }) =>
      instances.map((instance): StateResource => ({
        address: `${type}.${name}${instance.index_key === undefined ? "" : `[${JSON.stringify(instance.index_key)}]`}${instance.deposed === undefined ? "" : ` (deposed ${instance.deposed})`}`,
        type,
        attributes: instance.attributes ?? {},
        dependencies: instance.dependencies ?? [],
        private: instance.private,
        tainted: instance.status === "tainted",
      })),
    );
  return { serial: parsed.serial, lineage: parsed.lineage, resources };
}

function parseState(text: string, file: string): StateFile {
  try {
    return JSON.parse(text) as StateFile;
  } catch {
    throw new CommandError(
      `The state ${file} is damaged: it is not JSON. Terraform keeps the one before it beside it, with the ending .backup.`,
      2,
    );
  }
}
