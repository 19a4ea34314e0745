// Runs the front end's own tests (*.test.ts beside this file) with Node's runner: node tests/front/run.mjs
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const tests = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
const built = mkdtempSync(join(tmpdir(), "shipshape-front-"));
try {
  const entryPoints = tests.map((name) => join(here, name));
  await build({ entryPoints, outdir: built, outExtension: { ".js": ".mjs" }, bundle: true, platform: "node", format: "esm", logLevel: "warning" });
  const files = readdirSync(built).map((name) => join(built, name));
  process.exitCode = spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(built, { recursive: true });
}
