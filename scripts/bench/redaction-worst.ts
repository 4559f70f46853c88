import patterns from "../../facts/secret-patterns.json";

const SIZE = 1_000_000;

/** Texts that almost are what is looked for, again and again: where an expression could go back and forth for hours. */
export const WORST: readonly (readonly [what: string, text: string])[] = [
  ...[
    "a",
    "A",
    "0",
    " ",
    "\n",
    "\\",
    "%",
    "%2",
    "%25",
    "&#",
    "&amp;",
    "'",
    '"',
    "''\"\"",
    "-",
    "://",
    "https://a:",
    "https://a:b@",
    "x://@",
    "password",
    "password ",
    "password=",
    "password = ",
    "password: ",
    'password="',
    "password='",
    'password="""',
    "password=<<A\n",
    "password: |\n",
    "password: [",
    "secrets={",
    "--password ",
    "name=password ",
    "name: token\nvalue: ",
    "<password>",
    "<password ",
    'name="token">',
    "authorization: basic ",
    "token\n  ",
    "token:\n    x",
    "kind: Secret\ndata:\n",
    '"kind":"Secret","data":{',
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    "-----END ",
    "H4sIAAAAAAAA",
    "YWFhYWFhYWFhYWFh\n",
    "eyJhbGciOi.",
    "@@ -1 +1 @@\n-  ",
  ].map((part) => [JSON.stringify(part), repeated(part)] as const),
  ["every keyword of a form", repeated(patterns.shapes.flatMap(({ keywords }) => keywords).join(" "))],
  ["every hint of a name", repeated(patterns.names.hints.join("="))],
];

function repeated(part: string): string {
  return part.repeat(Math.ceil(SIZE / part.length)).slice(0, SIZE);
}
