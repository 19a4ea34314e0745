/** `[data-sync-state]` shows where things stand. What the server does not accept is kept and shown, never dropped. */
import { make, openDialog } from "../dom";
import { words } from "../words";
import { store, unsent } from "./store";

/** Shows how much waits and how much was not accepted; returns how much waits. */
export async function showMark(saved = false): Promise<number> {
  const all = await unsent();
  const held = all.filter((one) => one.heldFor).length;
  const waiting = all.length - held;
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
  return waiting;
}

async function showHeld(): Promise<void> {
  const rows = (await unsent()).filter((one) => one.heldFor);
  const list = make("div", { class: "stack" });
  const dialog = openDialog(words.heldTitle, make("h2", {}, words.heldTitle), make("p", { class: "text-muted" }, words.heldText), list);
  for (const row of rows) {
    const typed = row.fields.filter(([name, value]) => typeof value === "string" && value && !/token|client_id|answered_at|parcel|told/.test(name));
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
      await showMark();
      if (!list.childElementCount) dialog.close();
    });
    list.append(entry);
  }
  const close = make("button", { type: "button", class: "btn btn-primary" }, words.close);
  close.addEventListener("click", () => dialog.close());
  list.after(make("div", { class: "dialog-actions" }, close));
}
