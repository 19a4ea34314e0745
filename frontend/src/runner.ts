/**
 * The runner goes on without a network: the items that follow are fetched ahead, an answer that cannot be sent waits in
 * the queue, and the next item is shown from what was fetched.
 */
import htmx from "htmx.org";
import { make, tell } from "./dom";
import { focusIn } from "./focus";
import { isWaiting } from "./queue";
import { newKey } from "./queue/store";
import { words } from "./words";

const MOST = 60; // items fetched ahead
const kept = new Map<string, string>(); // address → fragment
const answered = new Set<string>(); // addresses whose answers wait
let touched = false;

const item = (): HTMLElement | null => document.getElementById("item");
const here = (): string => location.pathname + location.search;
const nextOf = (place: ParentNode): string => place.querySelector("a[rel=next]")?.getAttribute("href") ?? "";
const isEnd = (address: string): boolean => address.endsWith("item=end");
const parsed = (html: string): Document => new DOMParser().parseFromString(html, "text/html");

async function fetchAhead(): Promise<void> {
  let address = nextOf(item()!);
  for (let n = 0; n < MOST && address && !isEnd(address); n += 1) {
    const response = await fetch(address, { headers: { "HX-Request": "true" }, priority: "low" });
    if (!response.ok || response.headers.has("HX-Redirect")) return;
    const html = await response.text();
    kept.set(address, html);
    address = nextOf(parsed(html));
  }
}

/** Puts new content in the item's place; an address makes it a step that Back takes back. */
function put(content: HTMLElement, address = ""): void {
  item()?.replaceWith(content);
  const key = content.querySelector<HTMLInputElement>("input[name=client_id]");
  if (key) key.value = newKey(); // shown twice, it is answered twice
  htmx.process(content);
  touched = false;
  if (address && address !== here()) history.pushState({ htmx: true }, "", address);
  window.scrollTo(0, 0);
  focusIn(content);
}

function showKept(address: string): boolean {
  const content = kept.has(address) ? parsed(kept.get(address)!).getElementById("item") : null;
  if (content) put(content, address);
  return content !== null;
}

/** After an answer that waits: the next item whose answer does not, else a word that all is kept. */
function goOn(address: string): void {
  while (answered.has(address) && kept.has(address)) address = nextOf(parsed(kept.get(address)!));
  if (showKept(address)) return;
  const [title, text] = isEnd(address) ? [words.allKept, words.allKeptText] : [words.notHere, words.notHereText];
  put(make("div", { id: "item", class: "runner", "data-waits": "" }, make("section", { class: "sheet stack" }, make("h2", { "data-focus": "" }, title), make("p", {}, text))));
}

/** Once all is saved: the progress, and the item unless something is being entered. */
async function catchUp(): Promise<void> {
  const place = item();
  if (!place || isWaiting()) return;
  answered.clear();
  const isPanel = place.hasAttribute("data-waits");
  const response = await fetch(isPanel ? location.pathname : here(), { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) return;
  const fresh = parsed(await response.text());
  const progress = fresh.getElementById("run-progress");
  if (progress) document.getElementById("run-progress")?.replaceWith(progress);
  const content = fresh.getElementById("item");
  if (content && item() === place && !touched) put(content);
}

/** The part for problems stands after its toggle and is brought into sight; Enter in a field saves what is right. */
function startFolding(): void {
  document.addEventListener("change", (event) => {
    const toggle = event.target as HTMLInputElement;
    if (toggle.matches(".runner-toggle:checked")) toggle.closest(".runner-first")!.scrollIntoView({ block: "start" });
  });
  document.addEventListener("keydown", (event) => {
    const form = (event.target as Element).closest?.<HTMLFormElement>(".runner-form");
    if (event.key !== "Enter" || event.isComposing || !form || !(event.target as Element).matches("input:not([type=checkbox], [type=radio], [type=file])")) return;
    if (!form.querySelector(".runner-toggle:checked")) form.querySelector<HTMLElement>(".runner-pass")?.click();
  });
}

export function startRunner(): void {
  if (!item()?.classList.contains("runner")) return;
  startFolding();
  document.addEventListener("input", (event) => (touched ||= item()?.contains(event.target as Node) ?? false));
  document.addEventListener("htmx:afterSettle", () => (touched = false));
  document.addEventListener("kept-offline", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches(".runner-form")) return;
    answered.add(here());
    goOn(nextOf(form.closest("#item")!));
  });
  document.addEventListener("offline-sent", () => void catchUp());
  const isCutOff = (): boolean => !navigator.onLine || isWaiting();
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("#item a[href*='item=']");
    if (!link || !isCutOff() || event.ctrlKey || event.metaKey) return;
    const address = link.getAttribute("href")!;
    if (navigator.onLine && !kept.has(address)) return;
    event.preventDefault();
    if (isEnd(address)) goOn(address);
    else if (!showKept(address)) tell(words.notHereText, "warning");
  });
  window.addEventListener(
    "popstate",
    (event) => {
      if (isCutOff() && showKept(here())) event.stopImmediatePropagation();
    },
    true,
  );
  if (!item()!.querySelector("form[data-offline]")) return;
  kept.set(here(), document.documentElement.outerHTML);
  setTimeout(() => void fetchAhead().catch(() => undefined), 500);
}
