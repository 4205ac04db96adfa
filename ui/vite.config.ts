import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Writes `.br` and `.gz` beside every asset: the server compresses nothing while people wait. */
function compressed(): Plugin {
  const worth = /\.(js|css|svg)$/;
  return {
    name: "turnout-compressed",
    apply: "build",
    // From the files as written: before that, Vite still replaces place-holders in them.
    writeBundle({ dir = "" }, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!worth.test(name)) continue;
        const file = join(dir, name);
        const content = readFileSync(file);
        writeFileSync(`${file}.br`, brotliCompressSync(content));
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
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
});
