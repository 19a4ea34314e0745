/**
 * `<form data-offline>`: when its post cannot reach the server it is kept on the device and sent in order later.
 * `[data-sync-state]` shows where things stand. What the server does not accept is kept and shown, never dropped.
 */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { make, openDialog, tell } from "./dom";
import type { Known } from "./bench-offline";
import { csrfToken, signInHere } from "./net";
import { words } from "./words";

interface Waiting {
  id?: number;
  viewer: string;
  url: string;
  page: string;
  fields: [string, FormDataEntryValue][];
  heldFor?: string; // the server's sentence, once it refused
}

interface Store extends DBSchema {
  waiting: { key: number; value: Waiting };
  known: { key: string; value: Known }; // what the bench may judge by, for each viewer
}

let opened: Promise<IDBPDatabase<Store>> | null = null;
export const store = (): Promise<IDBPDatabase<Store>> =>
  (opened ??= openDB<Store>("shipshape", 2, {
    upgrade: (db, before) => {
      if (before < 1) db.createObjectStore("waiting", { keyPath: "id", autoIncrement: true });
      if (before < 2) db.createObjectStore("known");
    },
    blocking: (_now, _wanted, event) => (event.target as IDBDatabase).close(), // another tab has a newer page
  }));

export const viewer = (): string => document.body.dataset.viewer ?? "";
const mine = async (): Promise<Waiting[]> => (await (await store()).getAll("waiting")).filter((one) => one.viewer === viewer());

let waiting = 0;
/** Whether something of this viewer's is still to be sent. */
export const isWaiting = (): boolean => waiting > 0;

async function show(saved = false): Promise<void> {
  const all = await mine();
  const held = all.filter((one) => one.heldFor).length;
  waiting = all.length - held;
  for (const place of document.querySelectorAll<HTMLElement>("[data-sync-state]")) {
    place.classList.add("sync");
    place.setAttribute("role", "status");
    place.toggleAttribute("data-waiting", waiting > 0);
    place.toggleAttribute("data-held", held > 0);
    if (held) {
      const button = make("button", { type: "button", class: "btn btn-sm btn-outline-danger" }, words.held(held));
      button.addEventListener("click", () => void showHeld());
      place.replaceChildren(...(waiting ? [words.waiting(waiting), " "] : []), button);
    } else if (waiting) place.textContent = words.waiting(waiting);
    else if (saved || place.textContent) place.textContent = words.saved;
  }
}

async function showHeld(): Promise<void> {
  const rows = (await mine()).filter((one) => one.heldFor);
  const list = make("div", { class: "stack" });
  const dialog = openDialog(words.heldTitle, make("h2", {}, words.heldTitle), make("p", { class: "text-muted" }, words.heldText), list);
  for (const row of rows) {
    const typed = row.fields.filter(([name, value]) => typeof value === "string" && value && !/token|client_id|answered_at/.test(name));
    const drop = make("button", { type: "button", class: "btn btn-sm btn-outline-danger" }, words.discard);
    const entry = make(
      "div",
      { class: "sheet" },
      make("p", {}, row.heldFor!),
      make("p", { class: "text-muted" }, typed.map(([, value]) => value as string).join(" · ")),
      make("div", { class: "cluster" }, make("a", { class: "btn btn-sm btn-outline-secondary", href: row.page }, words.open), drop),
    );
    drop.addEventListener("click", async () => {
      await (await store()).delete("waiting", row.id!);
      entry.remove();
      await show();
      if (!list.childElementCount) dialog.close();
    });
    list.append(entry);
  }
  const close = make("button", { type: "button", class: "btn btn-primary" }, words.close);
  close.addEventListener("click", () => dialog.close());
  list.after(make("div", { class: "dialog-actions" }, close));
}

export async function keep(form: HTMLFormElement, url: string, data: FormData): Promise<void> {
  data.delete("csrfmiddlewaretoken");
  if (!data.get("answered_at")) data.set("answered_at", new Date().toISOString());
  const isTold = !form.dispatchEvent(new CustomEvent("keeping-offline", { bubbles: true, cancelable: true, detail: data }));
  waiting += 1;
  await (await store()).add("waiting", { viewer: viewer(), url, page: location.pathname + location.search, fields: [...data.entries()] });
  const key = form.querySelector<HTMLInputElement>("input[name=client_id]");
  if (key) key.value = crypto.randomUUID(); // the next answer is another one
  form.dispatchEvent(new CustomEvent("kept-offline", { bubbles: true }));
  if (!isTold) tell(words.keptOffline, "warning");
  await show();
}

let sending = false;

/** Sends what waits, oldest first; stops at the first that cannot be delivered. */
export async function sendWaiting(): Promise<void> {
  if (sending || !navigator.onLine) return;
  sending = true;
  let delivered = 0;
  try {
    for (const one of await mine()) {
      if (one.heldFor) continue;
      const data = new FormData();
      one.fields.forEach(([name, value]) => data.append(name, value));
      const response = await fetch(one.url, { method: "POST", body: data, headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" } });
      if (response.status === 401) {
        if (await signInHere()) setTimeout(() => void sendWaiting());
        break;
      }
      if (response.ok) {
        await (await store()).delete("waiting", one.id!);
        delivered += 1;
      } else if (response.status >= 400 && response.status < 500) {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const sentence = page.querySelector("[data-refusal], .invalid-feedback, .alert-danger")?.textContent?.trim();
        await (await store()).put("waiting", { ...one, heldFor: sentence || words.gone });
      } else break;
    }
  } catch {
    // still no connection: the next "online", or the next minute, tries again
  } finally {
    sending = false;
    await show(delivered > 0);
    if (delivered) document.dispatchEvent(new CustomEvent("offline-sent"));
  }
}

export function startOffline(): void {
  if (!viewer() || !("indexedDB" in window)) return;
  const keepUnsent = (event: Event): void => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-offline]");
    if (!form) return;
    const { requestConfig } = (event as CustomEvent<{ requestConfig: { path: string; formData: FormData } }>).detail;
    void keep(form, requestConfig.path, requestConfig.formData);
  };
  document.addEventListener("htmx:sendError", keepUnsent);
  document.addEventListener("htmx:timeout", keepUnsent); // the key makes it once, should it have arrived after all
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (navigator.onLine || event.defaultPrevented || !form.matches("[data-offline]") || form.hasAttribute("hx-post")) return;
    event.preventDefault();
    void keep(form, form.action, new FormData(form, event.submitter));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { detail } = event as CustomEvent<{ successful: boolean }>;
    if (detail.successful && (event.target as Element).closest("[data-offline]")) void show(true);
  });
  window.addEventListener("online", () => void sendWaiting());
  setInterval(() => void sendWaiting(), 60000);
  void mine().then((all) => {
    if (all.length) void show().then(sendWaiting);
  });
}
