"use strict";
// Runs a TypeScript entry of this program without a build step: esbuild bundles our own files in memory
// (about 60 ms for the whole program) and Node evaluates the bundle in this process. Nothing is written,
// so there is no cache to go stale and two checkouts never share compiled code.
const { buildSync } = require("esbuild");
const Module = require("node:module");
const path = require("node:path");

// cdktf keeps its construct registry in module state and the provider packages import it themselves, so
// both sides must load the same copy from node_modules instead of one bundled into this program.
const external = ["typescript", "cdktf", "constructs", "@cdktf/*", "@aws-sdk/*", "esbuild", "playwright-core"];

/**
 * @param {string} entry path of the TypeScript file, relative to the repository
 * @returns {unknown} what the entry exports
 */
function load(entry) {
  const root = path.resolve(__dirname, "..");
  const { outputFiles } = build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    external,
    define: { "import.meta.url": "__importMetaUrl" },
    banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: "error",
  });
  const filename = path.join(root, "bundled.cjs");
  const bundle = new Module(filename, module);
  bundle.filename = filename;
  bundle.paths = Module._nodeModulePaths(root);
  try {
    bundle._compile(outputFiles[0].text, filename);
  } catch (error) {
    if (!reportOwnMistake(error, outputFiles[0].text)) throw error;
  }
  return bundle.exports;
}

/** A name that fleet.ts misspells shows only when it runs; that is the user's mistake, not a bug with a stack trace. */
function reportOwnMistake(error, text) {
  const [, line] = /bundled\.cjs:(\d+)/.exec(error instanceof Error ? (error.stack ?? "") : "") ?? [];
  const above = text
    .split("\n")
    .slice(0, Number(line ?? 0))
    .reverse();
  const file = above.find((candidate) => /^\/\/ [\w./-]+\.ts$/.test(candidate))?.slice(3);
  if (file !== "fleet.ts") return false;
  process.stderr.write(`fleet.ts: ${error.message}; nothing was written.\n`);
  process.exitCode = 2;
  return true;
}

/** Builds, and ends the process with esbuild's own account of what does not compile. */
function build(options) {
  try {
    return buildSync(options);
  } catch {
    process.stderr.write("The program does not compile; nothing was written.\n");
    process.exit(2);
  }
}

module.exports = { load };
