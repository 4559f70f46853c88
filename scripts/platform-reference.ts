import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { readLock } from "../charts/lock";
import { LOCK_FILE, type Lock } from "../config/chart-lock";
import type { ReleaseDescription } from "../config/release";
import { RELEASES } from "../constructs/platform";
import { docsOf, fieldTable } from "./field-table";

const INTRO = `# The platform, release by release

Generated from the releases in \`constructs/platform/\` by \`npm run docs\`; a test keeps the two together.

Every colour gets these Helm releases, each one chart at the version that \`charts.lock.json\` pins. They are installed in
the order of their requirements and removed in the reverse; \`npm run graph\` draws it to \`docs/platform.svg\`:

![The releases of the example's production](platform.svg)

## Before the first deploy

\`\`\`sh
npx drydock charts pull      # brings the packages into vendor/charts/ and checks their digests
npx drydock charts verify    # checks what is there, without a network
\`\`\`

A digest that no official index gives is recorded by the first pull, which says so: review the change of the lock and
commit it. Packages are not committed; the workflows pull them. One that is not what the lock says is refused everywhere. \`npx cdktf synth\` and rehearsals need no package.

## Change what a cluster gets

Options stand in \`fleet.ts\`, by the release's name. \`false\` leaves a default release out, \`true\` or options ask for one
that is on request:

\`\`\`ts
production({
  network: { cidr: "10.10.0.0/16" },
  platform: { loki: { volumeGiB: 50 }, descheduler: true, "alloy-events": false },
});
\`\`\`

What an option does not reach, \`transform\` does. It gets the arguments of each release with its values as an object, and
has the last word:

\`\`\`ts
transform: {
  platform: {
    release: (args, name) =>
      name === "traefik" ? { ...args, values: { ...args.values, logs: { level: "DEBUG" } } } : args,
  },
},
\`\`\`

Values are checked before anything is written, because Helm ignores a value that a chart does not know. The one above is
refused: \`traefik 41.3.0 knows no value "logs" here, and Helm would ignore it; did you mean "log"?\` Where the package is at
hand, its own schema is checked too. Images must name a version.

## Who may change what runs

Nobody by hand. The admission policy refuses edits of what the platform made, and \`helm upgrade\`, from everyone but
controllers and whoever deploys: CI's deploy role, and the roles under \`access.deployers\`. Roles under
\`access.breakGlass\` pass, and each use stands in the audit log (\`break-glass\` in its annotations; the dashboard *Logs*
finds it). Where a fleet has nobody who may deploy but its admins, the policy warns instead of refusing.

## Alerts

Alertmanager publishes to the foundation's topic, which mails the owner. One alert always fires and goes to a topic of its
own: when it has been missing for 15 minutes, CloudWatch raises the alarm that alerts may not arrive.
A new colour may be reported silent once, until its first sign of life. Rules watch nodes, pods that do not start, the API
server, volumes and certificates (those of kube-prometheus-stack), and the autoscaler, backups against their schedules,
ingress and the logs' way (ours, in \`local-charts/platform-monitoring\`). Every metric that ours rest on stands in
\`facts/metrics.json\`.

## Add a release

1. Pin its chart in \`charts.lock.json\`, pull it, and run \`npm run chart-keys\`, which writes the values that it knows.
2. Write a file under \`constructs/platform/\`: a class over \`PinnedRelease\` with its description, its options, its values
   and, where its pods call AWS, their identity. The compiler knows the chart's values.
3. Add it to \`constructs/platform/index.ts\`, and a test beside the others.
4. \`npm run golden && npm run docs\`, and read what changed.
`;

/** The reference of every release, as Markdown. */
export function platformReference(root: string): string {
  const lock = readLock(join(root, LOCK_FILE));
  const sources = readSources(root);
  // The bundler puts an underscore before the name of a class that refers to itself.
  const sections = RELEASES.map((type) => section(type.description, type.name.replace(/^_/, ""), sources, lock));
  const overview = RELEASES.map(
    ({ description: { name, namespace, onRequest, requires, chart } }) =>
      `| [\`${name}\`](#${name}) | ${"locked" in chart ? `${chart.locked} ${lock.charts[chart.locked]?.version}` : "our own"} | ${namespace.name} | ${onRequest ? "on request" : "default"} | ${requires.map((other) => `\`${other}\``).join(", ") || "-"} |`,
  );
  return [
    INTRO,
    "## The releases\n",
    "| release | chart | namespace | | requires |\n| --- | --- | --- | --- | --- |",
    `${overview.join("\n")}\n`,
    sections.join("\n"),
  ].join("\n");
}

function section(
  { name, chart, without, look }: ReleaseDescription,
  className: string,
  sources: ReadonlyMap<string, Source>,
  lock: Lock,
): string {
  const own = sources.get(className);
  if (!own) throw new Error(`constructs/platform has no class ${className}.`);
  const options = sources.get(`${className}Props`);
  const images = "locked" in chart ? (lock.charts[chart.locked]?.images ?? []) : [];
  return [
    `### ${name}\n`,
    `${docsOf(own.node).text}\n`,
    `Without it: ${without}\n`,
    ...(options && ts.isInterfaceDeclaration(options.node) ? [`${fieldTable([...options.node.members], options.file)}\n`] : []),
    `\`\`\`sh\n${look.join("\n")}\n\`\`\`\n`,
    ...(images.length > 0 ? [`Images: ${images.map((image) => `\`${image.replace(/@sha256:.*/, "")}\``).join(", ")}.\n`] : []),
  ].join("\n");
}

interface Source {
  readonly node: ts.ClassDeclaration | ts.InterfaceDeclaration;
  readonly file: ts.SourceFile;
}

/** Classes and interfaces of the releases, by name. */
function readSources(root: string): ReadonlyMap<string, Source> {
  const folder = join(root, "constructs", "platform");
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  return new Map(
    files.flatMap((name) => {
      const file = ts.createSourceFile(name, readFileSync(join(folder, name), "utf8"), ts.ScriptTarget.Latest, true);
      return file.statements.flatMap((node): [string, Source][] =>
        (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) && node.name ? [[node.name.text, { node, file }]] : [],
      );
    }),
  );
}
