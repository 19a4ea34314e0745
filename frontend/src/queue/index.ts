/**
 * `<form data-offline>`: when its post cannot reach the server it waits on the device and is sent in order later: at
 * once, after 2, 5, 15 and then every 60 seconds, and when the page, the network or the app comes back. One tab sends at
 * a time; the key makes each post once, should it have arrived after all.
 *
 * What the server fails at, though it can be reached, holds up only what is about the same thing (the attribute's value:
 * the same run, the bench); after its tries it is set aside as not taken, and can be sent again by hand.
 */
import { tell } from "../dom";
import { csrfToken, signInHere } from "../net";
import { words } from "../words";
import { showMark } from "./mark";
import { canKeep, newKey, store, unsent, viewer, type Waiting } from "./store";

const PAUSES = [2, 5, 15, 60]; // seconds
const MOST_FAILURES = 5; // tries before a post is set aside, and
const FAILING_FOR = 60_000; // for how long (ms) at least: a server that is started anew is soon back
const PATIENCE = { text: 20_000, file: 120_000 }; // ms before an answer is given up

let waiting = 0;
/** Whether something of this viewer's is still to be sent. */
export const isWaiting = (): boolean => waiting > 0;

type Told = (form: HTMLFormElement, data: FormData) => Promise<boolean>;
let tellOtherwise: Told = async () => false;
/** Lets a page add to what is kept and tell it in its own way (true: nothing more is to be told). */
export const onKeep = (told: Told): void => void (tellOtherwise = told);

const tabs = "BroadcastChannel" in window ? new BroadcastChannel("shipshape-queue") : null;

async function refresh(saved = false): Promise<void> {
  waiting = await showMark(saved);
  if (!waiting) document.querySelector(".message--kept")?.remove(); // no longer true
}

/** What a post says in the words of its page: the headings, the button that was pressed, what was typed or chosen. */
function spoken(form: HTMLFormElement, data: FormData): string {
  const pressed = [...form.querySelectorAll<HTMLButtonElement>("button[name]")].find((button) => button.value === data.get(button.name));
  const shown = "input:not([type=hidden], [type=checkbox], [type=file], [type=radio]), input[type=radio]:checked, textarea";
  const typed = [...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(shown)].map((field) => field.value);
  const headings = [...document.querySelectorAll("main h1, #item-title")].map((heading) => heading.textContent);
  const parts = [...headings, pressed?.textContent, ...typed];
  return parts.map((part) => part?.trim()).filter(Boolean).join(" · ");
}

let line: Promise<unknown> = Promise.resolve();

/** Keeps a post for later; what was kept first stays first. */
export function keep(form: HTMLFormElement, url: string, data: FormData): Promise<void> {
  const empty = [...form.querySelectorAll<HTMLInputElement>("input[required]")].find((field) => !String(data.get(field.name) ?? "").trim());
  if (empty) return Promise.resolve(empty.focus()); // it would be refused later, when nobody remembers
  waiting += 1;
  data.delete("csrfmiddlewaretoken");
  if (!data.get("answered_at")) data.set("answered_at", new Date().toISOString());
  const key = form.querySelector<HTMLInputElement>("input[name=client_id]");
  if (key) key.value = newKey(); // the next answer is another one
  const page = location.pathname + location.search;
  const said = spoken(form, data);
  const kept = line.then(async () => {
    const isTold = await tellOtherwise(form, data);
    await (await store()).add("waiting", { viewer: viewer(), url, page, about: form.dataset.offline || url, said, fields: [...data.entries()] });
    if (!isTold) tell(words.keptOffline, "warning").classList.add("message--kept");
    form.dispatchEvent(new CustomEvent("kept-offline", { bubbles: true }));
    await refresh();
    tabs?.postMessage("kept");
    sendNow();
  });
  line = kept.catch(() => undefined);
  return kept;
}

let pause: ReturnType<typeof setTimeout> | undefined;
let tries = 0;
let isSending = false;
let isWanted = false;
let current: AbortController | null = null;

/** Tries at once, and from then on with growing pauses. */
export function sendNow(): void {
  tries = 0;
  void send();
}

async function send(): Promise<void> {
  clearTimeout(pause);
  isWanted = isSending;
  if (isSending) return;
  isSending = true;
  try {
    await alone(sendAll);
  } catch {
    // the device's store is closed or full: the next try opens it again
  } finally {
    isSending = false;
  }
  if (!waiting) return;
  if (isWanted) return void send();
  pause = setTimeout(() => void send(), 1000 * PAUSES[Math.min(tries, PAUSES.length - 1)]!);
  tries += 1;
}

/** One tab at a time; where the browser has no locks (a page without HTTPS), the keys alone make each post once. */
const alone = async (work: () => Promise<void>): Promise<void> => {
  await ("locks" in navigator ? navigator.locks.request("shipshape-queue", work) : work());
};

async function sendAll(): Promise<void> {
  let delivered = 0;
  const stuck = new Set<string>(); // about what something waits for another try: what follows it must not overtake it
  for (;;) {
    const one = (await unsent()).find((each) => !each.heldFor && !stuck.has(about(each)));
    if (!one) break;
    const outcome = await deliver(one);
    if (outcome === "later") break;
    if (outcome === "failed") stuck.add(about(one));
    else tries = 0;
    if (outcome === "sent") delivered += 1;
    await refresh(delivered > 0);
  }
  await refresh(delivered > 0);
  if (!delivered) return;
  tabs?.postMessage("sent");
  document.dispatchEvent(new CustomEvent("offline-sent"));
}

const about = (one: Waiting): string => one.about ?? one.url;

async function deliver(one: Waiting): Promise<"sent" | "held" | "failed" | "later"> {
  const response = await post(one);
  if (!response) return (await isReachable()) ? fail(one) : "later";
  if (response.headers.has("HX-Redirect")) return "later"; // something is to be read or done first
  if (response.status === 401) void signInHere().then((done) => done && sendNow());
  if ([401, 408, 425, 429].includes(response.status)) return "later";
  if (response.status >= 500 || (response.ok && !isOurs(response))) return fail(one);
  if (response.ok) {
    await (await store()).delete("waiting", one.id!);
    return "sent";
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const sentence = page.querySelector("[data-refusal], .invalid-feedback, .alert-danger")?.textContent?.trim();
  if (!sentence && !isOurs(response)) return fail(one);
  await (await store()).put("waiting", { ...one, heldFor: sentence || words.gone });
  return "held";
}

const isOurs = (response: Response): boolean => response.headers.get("X-Viewer") === viewer();

/** Whether the server answers this viewer at all, when a post had no answer. */
async function isReachable(): Promise<boolean> {
  try {
    return isOurs(await fetch("/healthz", { cache: "no-store", headers: { "X-Viewer": viewer() }, signal: AbortSignal.timeout(5000) }));
  } catch {
    return false;
  }
}

/** One more failure of this post; in the end it is set aside, and what is behind it goes on. */
async function fail(one: Waiting): Promise<"failed" | "held"> {
  const failures = (one.failures ?? 0) + 1;
  const failingSince = one.failingSince ?? Date.now();
  const isOver = failures >= MOST_FAILURES && Date.now() - failingSince >= FAILING_FOR;
  await (await store()).put("waiting", { ...one, failures, failingSince, ...(isOver ? { heldFor: words.notTaken } : {}) });
  return isOver ? "held" : "failed";
}

/** `sent_at` beside the moment of the answer, both by this clock, tells the server how wrong the clock is. */
async function post(one: Waiting): Promise<Response | null> {
  const data = new FormData();
  one.fields.forEach(([name, value]) => data.append(name, value));
  data.set("sent_at", new Date().toISOString());
  const mine = (current = new AbortController());
  const hasFile = one.fields.some(([, value]) => typeof value !== "string");
  const patience = setTimeout(() => mine.abort(), hasFile ? PATIENCE.file : PATIENCE.text);
  try {
    const headers = { "X-CSRFToken": csrfToken(), "X-Viewer": one.viewer, "HX-Request": "true" };
    return await fetch(one.url, { method: "POST", body: data, signal: mine.signal, headers });
  } catch {
    return null;
  } finally {
    clearTimeout(patience);
  }
}

export function startQueue(): void {
  if (!canKeep()) return;
  const keepUnsent = (event: Event): void => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-offline]");
    if (!form) return;
    const { requestConfig } = (event as CustomEvent<{ requestConfig: { path: string; formData: FormData } }>).detail;
    void keep(form, requestConfig.path, requestConfig.formData);
  };
  document.addEventListener("htmx:sendError", keepUnsent);
  document.addEventListener("htmx:timeout", keepUnsent);
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (navigator.onLine || event.defaultPrevented || !form.matches("[data-offline]") || form.hasAttribute("hx-post")) return;
    event.preventDefault();
    void keep(form, form.action, new FormData(form, event.submitter));
  });
  document.addEventListener("htmx:confirm", (event) => {
    // What waits goes first: an answer must not overtake the one before it.
    const { elt, path, triggeringEvent } = (event as CustomEvent<{ elt: Element; path: string; triggeringEvent?: SubmitEvent }>).detail;
    if (!isWaiting() || !elt.matches("form[data-offline]")) return;
    event.preventDefault();
    void keep(elt as HTMLFormElement, path, new FormData(elt as HTMLFormElement, triggeringEvent?.submitter));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { detail } = event as CustomEvent<{ successful: boolean }>;
    if (detail.successful && (event.target as Element).closest("[data-offline]")) void refresh(true);
  });
  document.addEventListener("htmx:afterSettle", () => void refresh());
  window.addEventListener("online", () => {
    current?.abort(); // it hangs on the network that was
    sendNow();
  });
  document.addEventListener("send-again", () => {
    tabs?.postMessage("kept");
    void refresh().then(sendNow);
  });
  window.addEventListener("pageshow", sendNow);
  window.addEventListener("focus", sendNow);
  document.addEventListener("visibilitychange", () => document.hidden || sendNow());
  tabs?.addEventListener("message", ({ data }) => void refresh(data === "sent"));
  void refresh().then(sendNow, () => undefined);
}
