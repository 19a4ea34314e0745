// Builds frontend/dist: app.css, app.js, scanner.js, charts.js, zxing_reader.wasm, icons.svg, favicon.svg, site.webmanifest. Run from anywhere: node frontend/build.mjs
import { mkdirSync, readFileSync, readdirSync, writeFileSync, existsSync, copyFileSync, watch } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const dist = join(here, "dist");
const glyphs = join(root, "node_modules", "bootstrap-icons", "icons");
const SKIPPED = new Set(["node_modules", "dist", "static", "var", "tests", "bench", "docs", "locale", "migrations"]);

// Where a template or a Python file names an icon: {% icon "x" %}, icon="x", "icon": "x", Page(_("…"), "x", …).
const NAMES = [/\{%-?\s*icon\s+["']([a-z0-9-]+)["']/g, /\bicon(?:_name)?["']?\s*[=:]\s*["']([a-z0-9-]+)["']/g,
  /\bPage\(_\([^)]*\), "([a-z0-9-]+)"/g];

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(html|py|ts)$/.test(entry.name)) yield path;
  }
}

function iconNames() {
  const found = new Map();
  for (const path of sources(root)) {
    const text = readFileSync(path, "utf8");
    for (const pattern of NAMES) for (const match of text.matchAll(pattern)) found.set(match[1], relative(root, path));
  }
  for (const line of readFileSync(join(here, "icons.txt"), "utf8").split("\n")) {
    const name = line.replace(/#.*/, "").trim();
    if (name) found.set(name, "frontend/icons.txt");
  }
  return found;
}

function buildIcons() {
  const symbols = [];
  for (const [name, where] of [...iconNames()].sort()) {
    const file = join(glyphs, `${name}.svg`);
    if (!existsSync(file)) {
      console.warn(`no such icon: ${name} (${where})`);
      continue;
    }
    const inner = readFileSync(file, "utf8").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\n\s*/g, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 16 16" fill="currentColor">${inner}</symbol>`);
  }
  writeFileSync(join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
  return symbols.length;
}

async function buildStyles() {
  const { css } = sass.compile(join(here, "styles", "app.scss"), {
    loadPaths: [join(root, "node_modules")],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target: ["chrome100", "safari15"] });
  writeFileSync(join(dist, "app.css"), code);
}

async function buildScripts() {
  await esbuild.build({
    entryPoints: [join(here, "src", "app.ts")],
    outfile: join(dist, "app.js"),
    bundle: true,
    format: "iife",
    minify: true,
    legalComments: "none",
    target: ["chrome100", "safari15"],
    logLevel: "warning",
  });
}

// Loaded where they are needed: the bench's camera, pages with a chart.
async function buildModules() {
  await esbuild.build({
    entryPoints: [join(here, "src", "scanner.ts"), join(here, "src", "charts.ts")],
    outdir: dist,
    bundle: true,
    format: "esm",
    minify: true,
    legalComments: "none",
    target: ["chrome100", "safari15"],
    logLevel: "warning",
  });
  copyFileSync(join(root, "node_modules", "zxing-wasm", "dist", "reader", "zxing_reader.wasm"), join(dist, "zxing_reader.wasm"));
}

function copyStatic() {
  for (const name of readdirSync(join(here, "public"))) copyFileSync(join(here, "public", name), join(dist, name));
}

async function build() {
  mkdirSync(dist, { recursive: true });
  const started = performance.now();
  const icons = buildIcons();
  copyStatic();
  await Promise.all([buildStyles(), buildScripts(), buildModules()]);
  const sizes = ["app.css", "app.js", "charts.js", "icons.svg"].map((name) => {
    const packed = brotliCompressSync(readFileSync(join(dist, name))).length;
    return `${name} ${(packed / 1024).toFixed(1)} kB`;
  });
  console.log(`built in ${Math.round(performance.now() - started)} ms: ${sizes.join(", ")} (compressed), ${icons} icons`);
}

await build();
if (process.argv.includes("--watch")) {
  let waiting;
  const again = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => build().catch((error) => console.error(error.message)), 150);
  };
  for (const folder of ["src", "styles", "public"]) watch(join(here, folder), { recursive: true }, again);
  console.log("watching frontend/");
}
