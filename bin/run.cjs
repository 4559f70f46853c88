#!/usr/bin/env node
"use strict";
// Runs one of the scripts under scripts/: node bin/run.cjs scripts/golden.ts [arguments]
const [, , script, ...rest] = process.argv;
process.argv = [process.argv[0], script, ...rest];
require("./load.cjs").load(script);
