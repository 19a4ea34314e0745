/**
 * The bench goes on when the network drops: scans are judged by what the phone fetched before (`known.json`), kept with
 * what the packer was told, and judged again by the server once they can be sent.
 */
import htmx from "htmx.org";
import { sound } from "./bench";
import { type Begun, Judge, type Line, type Verdict } from "./bench-judge";
import { make } from "./dom";
import { isWaiting, onKeep } from "./queue";
import { canKeep, store, viewer } from "./queue/store";
import { words } from "./words";

const FRESH = 5 * 60_000;
const judge = new Judge();

const bench = (): HTMLElement | null => document.getElementById("bench");
/** The list as it is on the device; the newest fetched, every five minutes. */
const loaded = (): Promise<void> => (loading ??= store().then(async (db) => void (judge.known ??= await db.get("known", viewer()))));
let loading: Promise<void> | undefined;

async function refresh(): Promise<void> {
  const place = bench();
  await loaded();
  if (!place?.dataset.known || !navigator.onLine || (judge.known && Date.now() - judge.known.fetchedAt < FRESH)) return;
  try {
    const response = await fetch(place.dataset.known);
    if (!response.ok) return;
    judge.known = { ...(await response.json()), viewer: viewer(), fetchedAt: Date.now(), passed: isWaiting() ? (judge.known?.passed ?? []) : [] };
    await save();
  } catch {
    // no network: what was fetched before serves on
  }
}

const save = async (): Promise<void> => void (judge.known && (await (await store()).put("known", judge.known, viewer())));

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
  const [sentence, instruction] = judge.known?.words[verdict.code] ?? [words.noList, ""];
  const alarm = verdict.verdict !== "passed";
  const shown = make(
    "section",
    { class: `verdict verdict--${verdict.verdict}`, "data-verdict": verdict.verdict, role: alarm ? "alert" : "status" },
    make("h2", {}, names[verdict.verdict]!),
    ...(alarm ? [make("p", {}, make("strong", {}, sentence)), make("p", {}, instruction)] : []),
    make("p", { class: "tail" }, verdict.number + (judge.parcelOf(verdict.number)?.tail ? ` · …${judge.parcelOf(verdict.number)!.tail}` : "")),
    make("p", {}, words.judgedHere(judge.known ? new Date(judge.known.fetchedAt).toTimeString().slice(0, 5) : "–")),
  );
  if (verdict.verdict !== "stopped") return shown;
  const label = judge.begun && ["goods_missing", "wrong_slip"].includes(verdict.code) ? words.backToParcel : words.takenOut;
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
  const [sentence, instruction] = judge.known?.words[verdict?.code ?? ""] ?? ["", ""];
  const said = verdict && verdict.verdict !== "started" ? [make("p", { class: `goods-said goods-said--${verdict.verdict}`, role: "status" }, `${sentence} ${instruction}`)] : [];
  return make(
    "section",
    { class: "goods", "data-verdict": verdict?.verdict ?? "", "data-number": into.number, "data-shop": into.shop, "data-asks": into.asks },
    make("div", { class: "goods-head" }, make("h2", { class: "tail" }, `…${judge.parcelOf(into.number)?.tail ?? ""}`), make("p", { class: "mb-0 tail" }, into.number)),
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
  const { begun } = judge;
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

/** The phone's own verdict on a scan that cannot be sent; its list may still be on its way from the device. */
async function judgeHere(form: HTMLFormElement, data: FormData): Promise<boolean> {
  if (!form.closest("#bench")) return false;
  await loaded();
  const [text, key, parcel] = ["scanned", "client_id", "parcel"].map((name) => String(data.get(name) ?? "")) as [string, string, string];
  if (parcel && judge.begun?.key !== parcel) judge.begun = begunOnPage(parcel);
  const verdict = judge.judge({ text, key, into: parcel !== "", pieces: Number(data.get("pieces")) || 1, meant: data.has("meant"), at: Date.now() });
  if (verdict.verdict === "passed") await save();
  data.set("told", verdict.verdict);
  showNow(verdict);
  return true;
}

/** What the server judged, so that the phone goes on from there when the network drops. */
function noteAnswer(event: Event): void {
  const { detail } = event as CustomEvent<{ requestConfig?: { verb: string; formData?: FormData } }>;
  const shown = bench()?.querySelector<HTMLElement>("[data-verdict][data-number]");
  if (detail.requestConfig?.verb !== "post" || !shown) return;
  const { verdict, number, code } = shown.dataset as { verdict: Verdict["verdict"] | "undone"; number: string; code: string };
  const text = detail.requestConfig.formData?.get("scanned");
  if (verdict === "undone") judge.undo(number);
  else if (typeof text === "string") judge.note(text, Date.now(), { verdict, number, code });
  if (verdict === "passed" || verdict === "undone") void save();
}

/** Keeps the page for a reload without network; whoever signs out leaves none behind (see leaving.ts). */
async function keepPage(worker: string): Promise<void> {
  navigator.serviceWorker.addEventListener("message", ({ data }) => data === "kept" && void refresh().then(() => bench()?.setAttribute("data-kept", "")));
  await navigator.serviceWorker.register(worker);
  const { active } = await navigator.serviceWorker.ready;
  const files = new Set(performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname));
  active?.postMessage({ page: location.pathname, files: [...files].filter((path) => path.startsWith("/static/")) });
}

export function startBenchOffline(): void {
  onKeep(judgeHere);
  document.addEventListener("htmx:afterSettle", noteAnswer);
  document.addEventListener("offline-sent", () => {
    const place = bench();
    if (!place || judge.begun || isWaiting() || place.querySelector<HTMLInputElement>("input[name=scanned]")?.value) return;
    if (place.querySelector(".verdict--stopped")) return;
    void htmx.ajax("get", location.pathname, { target: place, swap: "outerHTML" });
  });
  if (!bench() || !canKeep()) return;
  void refresh();
  const { worker } = bench()!.dataset;
  if (worker && "serviceWorker" in navigator) void keepPage(worker).catch(() => undefined); // a browser may refuse it
  window.addEventListener("online", () => void refresh());
  setInterval(() => void refresh(), FRESH);
}
