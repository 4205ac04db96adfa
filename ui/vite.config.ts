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

interface Chunks {
  getModuleInfo(id: string): { importers: readonly string[] } | null;
}

/** What home and the frame around every page are made of. */
const FIRST = /src\/(main|features\/home\/page)\.tsx$/;

/** Whether a module is imported, however far away, by one of `FIRST`; by what is loaded later does not count. */
function isFirst(id: string, importers: (id: string) => readonly string[], seen = new Set<string>()): boolean {
  if (FIRST.test(id)) return true;
  if (seen.has(id)) return false;
  seen.add(id);
  return importers(id).some((each) => isFirst(each, importers, seen));
}

/* A page loads three files, not fifteen: small files of their own took 70 ms of the 300 in which a page has its content.
   What home needs, everybody loads; what it does not, it does not pay for; what one or two pages share is left as it is. */
const codeSplitting = {
  includeDependenciesRecursively: false,
  groups: [
    {
      name: (id: string, chunks: Chunks) =>
        isFirst(id, (each) => chunks.getModuleInfo(each)?.importers ?? []) ? "frame" : null,
      debugName: "frame",
      test: (id: string) => !/src\/(main\.tsx|features\/home\/)/.test(id),
      priority: 1,
    },
    { name: "shared", test: /src\/|lucide-react/, minShareCount: 3 },
  ],
};

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
    modulePreload: { polyfill: false }, // every browser that knows es2022 knows it
    rolldownOptions: { output: { codeSplitting } },
  },
  server: {
    // `./dev ui dev`: pages from here, everything else from a running server; log in through its link with this port.
    port: 5173,
    proxy: { "^/(api|login|logout|status|health|page.js)": process.env.TURNOUT_URL ?? "http://127.0.0.1:4747" },
  },
});
