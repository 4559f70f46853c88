#!/usr/bin/env node
"use strict";
require("./load.cjs").load("rehearsal/terraform-guard.ts");
