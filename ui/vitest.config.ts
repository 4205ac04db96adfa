import { defineConfig, mergeConfig } from "vitest/config";
import build from "./vite.config";

// Not part of vite.config.ts: a build has no vitest.
export default mergeConfig(
  build,
  defineConfig({
    test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/testing/setup.ts"] },
  }),
);
