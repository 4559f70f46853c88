import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "smol-toml";

// Writes facts/gitleaks-rules.json from the rules of gitleaks at the version that the file names: to update them, change
// `version` there and run this. Go checks the module's digest against its public checksum database.
const FILE = join("facts", "gitleaks-rules.json");
const MODULE = "github.com/zricethezav/gitleaks/v8";

interface Rule {
  readonly id: string;
  readonly regex?: string;
  readonly keywords?: readonly string[];
  readonly secretGroup?: number;
  readonly path?: string;
}

/** How a rule ends that wants a quote or a space behind the token; what is written to a report has commas there, too. */
const ENDING = String.raw`(?:[\x60'"\s;]|\\[nr]|$)`;
/** How a rule begins that reads the whole name of a key; its keyword is enough. */
const BEGINNING = String.raw`[\w.-]{0,50}?`;
/** What stands between the name of a key and the token in such a rule. */
const ASSIGNS = String.raw`(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)`;

async function derive(): Promise<void> {
  const { version, leftOut } = JSON.parse(readFileSync(FILE, "utf8")) as { version: string; leftOut: Readonly<Record<string, string>> };
  const { stdout } = await execa("go", ["mod", "download", "-json", `${MODULE}@${version}`]);
  const { Dir: folder, Sum: sum } = JSON.parse(stdout) as { readonly Dir: string; readonly Sum: string };
  const { rules } = parse(readFileSync(join(folder, "config", "gitleaks.toml"), "utf8")) as unknown as { readonly rules: readonly Rule[] };
  const unknown = Object.keys(leftOut).filter((id) => !rules.some((rule) => rule.id === id));
  if (unknown.length > 0) throw new Error(`gitleaks ${version} has no rules ${unknown.join(", ")}; take them out of leftOut in ${FILE}`);
  const facts = {
    $schema: "./schema/gitleaks-rules.schema.json",
    date: new Date().toISOString().slice(0, 10),
    source: `config/gitleaks.toml of ${MODULE} (MIT licence); expressions in Go's syntax, without what they ask around a token`,
    version,
    sum,
    leftOut,
    rules: rules.filter(({ id }) => leftOut[id] === undefined).map(adapted),
  };
  writeFileSync(FILE, `${JSON.stringify(facts, null, 1)}\n`);
  process.stdout.write(`${facts.rules.length} of ${rules.length} rules of gitleaks ${version}\n`);
}

function adapted({ id, regex = "", keywords = [], secretGroup = 1, path }: Rule): object {
  const short = keywords.filter((word) => word.length < 3);
  if (regex === "" || path !== undefined || keywords.length === 0 || short.length > 0)
    throw new Error(`Rule ${id} cannot be looked for by a keyword; name it in leftOut of ${FILE}, with why`);
  const assigned = regex.includes(ASSIGNS);
  const bare = regex.replaceAll(BEGINNING, "").replaceAll(ENDING, assigned ? "(?:[^0-9A-Za-z]|$)" : "");
  return { what: id, keywords, pattern: bare, ...(assigned ? { group: secretGroup } : {}) };
}

void derive();
