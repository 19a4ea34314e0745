// Reads {known, scans} from stdin, prints what the phone's judge (frontend/src/bench-judge.ts) says of each scan.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const [source] = process.argv.slice(2);
const { outputFiles } = await build({ entryPoints: [source], bundle: true, write: false, format: "esm", logLevel: "error" });
const { Judge } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
const { known, scans } = JSON.parse(readFileSync(0, "utf8"));
const start = Date.now();
const judge = new Judge({ ...known, viewer: "1", fetchedAt: start, passed: [] });
let at = start;
const said = scans.map((scan, n) => {
  at += 1000 * (scan.after ?? 0);
  const verdict = judge.judge({ text: scan.text.trim(), key: `key-${n}`, into: Boolean(scan.into), pieces: 1, at });
  return `${verdict.verdict}:${verdict.code}`;
});
process.stdout.write(JSON.stringify(said));
