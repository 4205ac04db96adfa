// Writes src/lib/api.gen.ts from the server's routes: `npm run api`. The first line names the document it was made
// from, by which tests/architecture sees a file that is out of date without needing Node.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const python = process.env.PYTHON ?? "../.venv/bin/python";
const text = execFileSync(python, ["-m", "turnout.server.openapi", "--json"], { maxBuffer: 2 ** 26 }).toString();
const digest = createHash("sha256").update(text).digest("hex");
const types = astToString(
  await openapiTS(withOptionalInput(JSON.parse(text)), { alphabetize: true, emptyObjectsUnknown: true }),
);
writeFileSync("src/lib/api.gen.ts", `// Made by \`npm run api\` from ${digest}; never edited.\n\n${types}`);

/** An answer holds every field, so one with a default is always there; of what is sent it may be left out. */
function withOptionalInput(document) {
  const schemas = document.components.schemas;
  const sent = new Set();
  const gather = (node) => {
    const name = node?.$ref?.split("/").pop();
    if (name && !sent.has(name)) {
      sent.add(name);
      gather(schemas[name]);
    }
    if (node && typeof node === "object") for (const child of Object.values(node)) gather(child);
  };
  for (const path of Object.values(document.paths))
    for (const operation of Object.values(path)) gather(operation.requestBody);
  for (const name of [...sent, "Problem"])
    for (const property of Object.values(schemas[name].properties ?? {})) delete property.default;
  return document;
}
