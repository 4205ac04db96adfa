import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Writes `.br` and `.gz` beside every asset: the server compresses nothing while people wait. */
function compressed(): Plugin {
  const worth = /\.(js|css|svg)$/;
  return {
    name: "turnout-compressed",
    apply: "build",
    generateBundle(_, bundle) {
      for (const [fileName, item] of Object.entries(bundle)) {
        if (!worth.test(fileName)) continue;
        const source = Buffer.from(item.type === "chunk" ? item.code : item.source);
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
        this.emitFile({ type: "asset", fileName: `${fileName}.br`, source: brotliCompressSync(source, quality) });
        this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source: gzipSync(source, { level: 9 }) });
      }
    },
  };
}

export default defineConfig({
  base: "./", // below whatever path a proxy shows the server at: the page's <base href> decides
  plugins: [react(), tailwindcss(), compressed()],
  resolve: { tsconfigPaths: true },
  build: {
    outDir: "../src/turnout/_ui",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: "es2022",
    manifest: "manifest.json",
    reportCompressedSize: false,
  },
  server: {
    // `./dev ui dev`: pages from here, everything else from a running server; log in through its link with this port.
    port: 5173,
    proxy: { "^/(api|login|logout|status|health|page.js)": process.env.TURNOUT_URL ?? "http://127.0.0.1:4747" },
  },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/testing/setup.ts"] },
});
