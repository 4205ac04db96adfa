import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
  packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
};

test("every optional package has its own entry: without, `npm ci` fails on other platforms", () => {
  const missing = Object.entries(lock.packages).flatMap(([path, found]) =>
    Object.keys(found.optionalDependencies ?? {}).filter(
      (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

test("the lock file names no host", () => {
  expect(Object.values(lock.packages).filter((found) => found.resolved)).toEqual([]);
});

test("versions are exact", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
});
