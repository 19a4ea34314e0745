/**
 * The bench goes on when the network drops: scans are judged by what the phone fetched before (`known.json`), kept with
 * what the packer was told, and judged again by the server once they can be sent.
 */
import htmx from "htmx.org";
import { sound } from "./bench";
import { make } from "./dom";
import { isWaiting, keep, sendWaiting, store, viewer } from "./offline";
import { words } from "./words";

interface KnownParcel {
  code: string;
  asks: string;
  tail: string;
  shop?: number;
  orders?: string[];
  lines?: [string, string, number][]; // key, title, pieces
}

export interface Known {
  viewer: string;
  fetchedAt: number;
  passed: string[]; // let go by this phone since
  parcels: Record<string, KnownParcel>;
  barcodes: Record<string, Record<string, [string, number]>>;
  words: Record<string, [string, string]>;
}

interface Line {
  title: string;
  counted: number;
  left: number;
}

/** A parcel into which goods are scanned. */
interface Begun {
  key: string;
  number: string;
  shop: string;
  asks: string;
  lines: Map<string, Line>;
}

interface Verdict {
  verdict: "passed" | "stopped" | "unknown" | "started" | "counted";
  code: string;
  number: string;
  product?: string;
}

const FRESH = 5 * 60_000;
const TOO_OLD = 4 * 3_600_000; // as everywhere: older figures answer nothing
let known: Known | undefined;
let begun: Begun | null = null;

const bench = (): HTMLElement | null => document.getElementById("bench");
const plain = (text: string): string => text.normalize("NFKC").replace(/\s+/g, "").toUpperCase();

/** The number in what a scanner gave, as the server finds it (orders/words.py). */
export function numberIn(scanned: string): string {
  const text = scanned.normalize("NFKC").trim().toUpperCase();
  const isAddress = text.includes("://") || text.includes("?");
  const found = (isAddress ? text : text.replace(/\s+/g, "")).match(/[A-Z]{0,6}\d[A-Z0-9]*(?:-\d{1,3})*/g) ?? [];
  if (isAddress) return [...(found.filter((n) => n.length >= 8).length ? found.filter((n) => n.length >= 8) : found)].pop() ?? text;
  return found.reduce((best, n) => (n.length > best.length ? n : best), "") || text.replace(/\s+/g, "");
}

async function refresh(): Promise<void> {
  const place = bench();
  known ??= await (await store()).get("known", viewer());
  if (!place?.dataset.known || !navigator.onLine || (known && Date.now() - known.fetchedAt < FRESH)) return;
  try {
    const response = await fetch(place.dataset.known);
    if (!response.ok) return;
    known = { ...(await response.json()), viewer: viewer(), fetchedAt: Date.now(), passed: isWaiting() ? (known?.passed ?? []) : [] };
    await (await store()).put("known", known!, viewer());
  } catch {
    // no network: what was fetched before serves on
  }
}

function parcelOf(number: string): KnownParcel | undefined {
  return known?.parcels[number] ?? known?.parcels[number.replace(/-\d{1,3}-\d{1,3}$/, "")];
}

function judgeWaybill(scanned: string, key: string): Verdict {
  const number = numberIn(scanned);
  const say = (verdict: Verdict["verdict"], code: string): Verdict => ({ verdict, code, number });
  begun = null;
  if (!known || Date.now() - known.fetchedAt > TOO_OLD) return say("unknown", "list_old");
  const parcel = parcelOf(number);
  if (!parcel) return say("unknown", "not_found_here");
  if (known.passed.includes(number)) return say("stopped", "already_verified");
  if (parcel.code === "no_order" || parcel.code === "goods_unknown") return say("unknown", parcel.code);
  if (parcel.code !== "ok") return say("stopped", parcel.code);
  if (parcel.asks === "waybill") return say("passed", "ok");
  const lines = new Map((parcel.lines ?? []).map(([product, title, left]) => [product, { title, left, counted: 0 }]));
  begun = { key, number, shop: String(parcel.shop), asks: parcel.asks, lines };
  return say("started", `asks_${parcel.asks}`);
}

function judgeGoods(scanned: string, pieces: number, into: Begun): Verdict {
  const say = (verdict: Verdict["verdict"], code: string, product?: string): Verdict => ({ verdict, code, number: into.number, product });
  const code = plain(scanned);
  if (into.asks === "slip") {
    const fits = parcelOf(into.number)?.orders?.some((order) => code.includes(plain(order)));
    return fits ? say("passed", "ok") : say("stopped", "wrong_slip");
  }
  const [product, inPack] = known?.barcodes[into.shop]?.[code] ?? (into.lines.has(code) ? [code, 1] : ["", 1]);
  if (!product) return parcelOf(numberIn(scanned)) ? say("stopped", "goods_missing") : say("unknown", "code_unknown");
  const line = into.lines.get(product);
  if (!line) return say("stopped", "wrong_goods", product);
  if (pieces * inPack > line.left) return say("stopped", "too_many", product);
  line.left -= pieces * inPack;
  line.counted += pieces * inPack;
  return [...into.lines.values()].every((one) => !one.left) ? say("passed", "ok", product) : say("counted", "counted", product);
}

/** The parcel that the server's page shows as begun, when the network dropped in the middle of it. */
function begunOnPage(key: string): Begun | null {
  const shown = bench()?.querySelector<HTMLElement>(".goods");
  if (!shown) return null;
  const lines = [...shown.querySelectorAll<HTMLElement>("[data-key]")].map((line): [string, Line] => [
    line.dataset.key!,
    { title: line.querySelector(".goods-title")?.textContent ?? "", counted: Number(line.dataset.counted), left: Number(line.dataset.left) },
  ]);
  return { key, number: shown.dataset.number!, shop: shown.dataset.shop!, asks: shown.dataset.asks!, lines: new Map(lines) };
}

function sign(verdict: Verdict): HTMLElement {
  const names: Record<string, string> = { passed: words.passed, stopped: words.stop, unknown: words.cannotBeChecked };
  const [sentence, instruction] = known?.words[verdict.code] ?? [words.noList, ""];
  const alarm = verdict.verdict !== "passed";
  const shown = make(
    "section",
    { class: `verdict verdict--${verdict.verdict}`, "data-verdict": verdict.verdict, role: alarm ? "alert" : "status" },
    make("h2", {}, names[verdict.verdict]!),
    ...(alarm ? [make("p", {}, make("strong", {}, sentence)), make("p", {}, instruction)] : []),
    make("p", { class: "tail" }, verdict.number + (parcelOf(verdict.number)?.tail ? ` · …${parcelOf(verdict.number)!.tail}` : "")),
    make("p", {}, words.judgedHere(known ? new Date(known.fetchedAt).toTimeString().slice(0, 5) : "–")),
  );
  if (verdict.verdict !== "stopped") return shown;
  const label = begun && ["goods_missing", "wrong_slip"].includes(verdict.code) ? words.backToParcel : words.takenOut;
  const button = make("button", { type: "button", class: "btn btn-light btn-lg" }, label);
  button.addEventListener("click", () => showNow(null));
  shown.append(button);
  return shown;
}

function goods(into: Begun, verdict: Verdict | null): HTMLElement {
  const lines = [...into.lines].map(([key, line]) =>
    make(
      "li",
      { class: line.left ? (verdict?.product === key ? "is-now" : "") : "is-whole", "data-key": key, "data-left": String(line.left), "data-counted": String(line.counted) },
      make("span", { class: "grow" }, make("span", { class: "goods-title" }, line.title)),
      make("span", { class: "goods-number tail" }, `${line.counted}/${line.counted + line.left}`),
    ),
  );
  const [sentence, instruction] = known?.words[verdict?.code ?? ""] ?? ["", ""];
  const said = verdict && verdict.verdict !== "started" ? [make("p", { class: `goods-said goods-said--${verdict.verdict}`, role: "status" }, `${sentence} ${instruction}`)] : [];
  return make(
    "section",
    { class: "goods", "data-verdict": verdict?.verdict ?? "", "data-number": into.number, "data-shop": into.shop, "data-asks": into.asks },
    make("div", { class: "goods-head" }, make("h2", { class: "tail" }, `…${parcelOf(into.number)?.tail ?? ""}`), make("p", { class: "mb-0 tail" }, into.number)),
    ...said,
    make("ul", { class: "goods-lines" }, ...lines),
  );
}

/** Shows a verdict of the phone's own, in the place and the form of the server's. */
function showNow(verdict: Verdict | null): void {
  const place = bench();
  const form = place?.querySelector<HTMLFormElement>("form[data-offline]");
  const field = form?.querySelector<HTMLInputElement>("input[name=scanned]");
  if (!place || !form || !field) return;
  place.querySelectorAll(".verdict, .goods, [data-online]").forEach((old) => old.remove());
  const isStopped = verdict?.verdict === "stopped";
  if (verdict && (isStopped || !begun)) form.before(sign(verdict));
  else if (begun) form.before(goods(begun, verdict));
  form.hidden = isStopped;
  form.querySelector("input[name=parcel]")?.remove();
  if (begun) form.append(make("input", { type: "hidden", name: "parcel", value: begun.key }));
  const label = form.querySelector("label[for=scanned]");
  if (label) label.textContent = !begun ? words.scanWaybill : begun.asks === "slip" ? words.scanSlip : words.scanGoods;
  field.value = "";
  if (isStopped) place.querySelector<HTMLElement>(".verdict button")?.focus();
  else field.focus();
  if (verdict) sound();
}

/** Keeps the page for a reload without network; whoever signs out leaves none behind. */
async function keepPage(worker: string): Promise<void> {
  navigator.serviceWorker.addEventListener("message", () => void refresh().then(() => bench()?.setAttribute("data-kept", "")));
  await navigator.serviceWorker.register(worker);
  const { active } = await navigator.serviceWorker.ready;
  const files = new Set(performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname));
  active?.postMessage({ page: location.pathname, files: [...files].filter((path) => path.startsWith("/static/")) });
}

export function startBenchOffline(): void {
  document.addEventListener("submit", (event) => {
    if ((event.target as HTMLFormElement).action.endsWith("/sign-out/") && "caches" in window) void caches.delete("bench-page");
  });
  document.addEventListener("keeping-offline", (event) => {
    const form = event.target as HTMLElement;
    if (!form.closest("#bench")) return;
    const data = (event as CustomEvent<FormData>).detail;
    event.preventDefault(); // the verdict tells more than “kept on this device”
    const [scanned, key, parcel] = ["scanned", "client_id", "parcel"].map((name) => String(data.get(name) ?? "")) as [string, string, string];
    if (parcel && begun?.key !== parcel) begun = begunOnPage(parcel);
    const verdict = parcel && begun ? judgeGoods(scanned, Number(data.get("pieces")) || 1, begun) : judgeWaybill(scanned, key);
    if (verdict.verdict === "passed") {
      begun = null;
      known?.passed.push(verdict.number);
      if (known) void store().then((db) => db.put("known", known!, viewer()));
    }
    data.set("told", verdict.verdict);
    showNow(verdict);
  });
  document.addEventListener("htmx:confirm", (event) => {
    // What waits goes first: goods must not overtake the waybill that began their parcel.
    const { elt, path } = (event as CustomEvent<{ elt: Element; path: string }>).detail;
    if (!isWaiting() || !elt.matches("#bench form[data-offline]")) return;
    event.preventDefault();
    void keep(elt as HTMLFormElement, path, new FormData(elt as HTMLFormElement)).then(sendWaiting);
  });
  document.addEventListener("offline-sent", () => {
    const place = bench();
    if (!place || begun || isWaiting() || place.querySelector<HTMLInputElement>("input[name=scanned]")?.value) return;
    if (place.querySelector(".verdict--stopped")) return;
    void htmx.ajax("get", location.pathname, { target: place, swap: "outerHTML" });
  });
  if (!bench() || !viewer() || !("indexedDB" in window)) return;
  void refresh();
  const { worker } = bench()!.dataset;
  if (worker && "serviceWorker" in navigator) void keepPage(worker).catch(() => undefined); // a browser may refuse it
  window.addEventListener("online", () => void refresh());
  setInterval(() => void refresh(), FRESH);
}
