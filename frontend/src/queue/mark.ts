/** `[data-sync-state]` shows where things stand; a page without one shows in its top bar what is not sent. What the
 * server does not accept is kept and shown, never dropped. */
import { make, openDialog } from "../dom";
import { words } from "../words";
import { store, unsent } from "./store";

/** Shows how much waits and how much was not accepted; returns how much waits. */
export async function showMark(saved = false): Promise<number> {
  const all = await unsent();
  const held = all.filter((one) => one.heldFor).length;
  const waiting = all.length - held;
  for (const place of places(all.length > 0)) {
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

function places(isNeeded: boolean): HTMLElement[] {
  const [bar, ...own] = [...document.querySelectorAll<HTMLElement>(".top-bar, [data-sync-state]")];
  const [ours, theirs] = [own.filter((one) => bar?.contains(one)), own.filter((one) => !bar?.contains(one))];
  if (theirs.length) ours.forEach((one) => one.remove());
  if (theirs.length || ours.length || !isNeeded || !bar) return theirs.length ? theirs : ours;
  const made = make("span", { "data-sync-state": "" });
  bar.querySelector(".top-action")?.before(made);
  return [made];
}

async function showHeld(): Promise<void> {
  const rows = (await unsent()).filter((one) => one.heldFor);
  const list = make("div", { class: "stack" });
  const dialog = openDialog(words.heldTitle, make("h2", {}, words.heldTitle), make("p", { class: "text-muted" }, words.heldText), list);
  for (const row of rows) {
    const again = make("button", { type: "button", class: "btn btn-sm btn-outline-secondary" }, words.sendAgain);
    const drop = make("button", { type: "button", class: "btn btn-sm btn-outline-danger" }, words.discard);
    const entry = make(
      "div",
      { class: "sheet" },
      make("p", {}, row.heldFor!),
      make("p", { class: "text-muted" }, row.said ?? ""),
      make("div", { class: "cluster" }, make("a", { class: "btn btn-sm btn-outline-secondary", href: row.page }, words.open), again, drop),
    );
    const gone = (): void => {
      entry.remove();
      if (!list.childElementCount) dialog.close();
    };
    again.addEventListener("click", async () => {
      const { heldFor, failures, failingSince, ...anew } = row;
      await (await store()).put("waiting", anew);
      gone();
      document.dispatchEvent(new CustomEvent("send-again"));
    });
    drop.addEventListener("click", async () => {
      await (await store()).delete("waiting", row.id!);
      gone();
      await showMark();
    });
    list.append(entry);
  }
  const close = make("button", { type: "button", class: "btn btn-primary" }, words.close);
  close.addEventListener("click", () => dialog.close());
  list.after(make("div", { class: "dialog-actions" }, close));
}
