"use strict";
// Preloaded by `npm run compat`: every import of cdktf, ours and the provider packages', gets the fork cdktn instead.
// It is what the npm alias "cdktf": "npm:cdktn@<version>" with a matching override does in a project of its own.
const Module = require("node:module");

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(this, request === "cdktf" || request.startsWith("cdktf/") ? request.replace("cdktf", "cdktn") : request, ...rest);
};
