#!/usr/bin/env node
"use strict";
require("./load.cjs").load("commands/main.ts");
