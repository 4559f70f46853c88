import js from "@eslint/js";
import tseslint from "typescript-eslint";

const barrels = {
  regex: "^@cdktf/provider-[a-z]+(/lib|/lib/index)?$",
  message: "Import providers deeply, such as @cdktf/provider-aws/lib/eks-cluster: the barrel costs 10 s and 1 GB.",
};

export default tseslint.config(
  { ignores: ["node_modules/", "cdktf.out/", ".drydock/", "coverage/"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "no-restricted-imports": ["error", { patterns: [barrels] }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      // cdktf registers a construct by making it; the object itself is often not needed.
      "no-new": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      // Releases add their options to an interface that starts empty.
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "always" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
    },
  },
  {
    // Arrows of the design that a glance at the import list should not have to check; the architecture test checks all of them.
    files: ["constructs/**/*.ts", "config/**/*.ts"],
    ignores: ["config/files.ts", "config/overrides.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [barrels], paths: ["node:fs", "node:path", "node:process", "node:os", "node:child_process"] },
      ],
      "no-restricted-globals": ["error", { name: "process", message: "Constructs and declarations never read the environment." }],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "The same fleet gives the same bytes on every day." },
      ],
    },
  },
  { files: ["**/*.cjs", "**/*.mjs"], ...tseslint.configs.disableTypeChecked },
  {
    files: ["**/*.cjs"],
    languageOptions: { globals: { require: "readonly", module: "writable", __dirname: "readonly", process: "readonly" } },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
