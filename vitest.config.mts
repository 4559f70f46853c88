import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["__tests__/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Tests run real processes; on two cores more workers only make each of them wait.
    maxWorkers: 2,
    pool: "forks",
  },
});
