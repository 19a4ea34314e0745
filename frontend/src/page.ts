/** The frame: menu, lookup by "/", `data-copy`, and the time that is left, kept fresh. */
import { make, openDialog, tell } from "./dom";
import { words } from "./words";

function startMenu(): void {
  const menu = document.getElementById("menu");
  const opener = document.querySelector<HTMLElement>("[data-menu-open]");
  if (!menu || !opener) return;
  const toggle = (open: boolean): void => {
    menu.classList.toggle("is-open", open);
    if (open) menu.querySelector<HTMLElement>(".side-group a")?.focus();
    else opener.focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-menu-open], [data-menu-close]")) {
      event.preventDefault();
      toggle(!menu.classList.contains("is-open"));
    } else if (menu.classList.contains("is-open") && !menu.contains(target)) toggle(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.classList.contains("is-open")) toggle(false);
  });
}

function startLookup(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.target as Element).closest("input, textarea, select, [contenteditable]")) return;
    const field = document.querySelector<HTMLInputElement>("[data-lookup]");
    if (!field || !field.offsetParent) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${words.copied} ${text.length > 40 ? "" : text}`, "success");
  } catch {
    const field = make("textarea", { class: "form-control", readonly: "" });
    field.value = text;
    openDialog(words.copyByHand, make("p", {}, words.copyByHand), field);
    field.select();
  }
}

/** `data-copy="text"`, or `data-copy-from="#id"` for the text of an element. */
function startCopy(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy], [data-copy-from]");
    if (!button) return;
    event.preventDefault();
    const source = button.dataset.copyFrom ? document.querySelector(button.dataset.copyFrom) : null;
    void copy(source ? ((source as HTMLTextAreaElement).value ?? source.textContent ?? "").trim() : (button.dataset.copy ?? ""));
  });
}

/** The same words as the server's `time_left`. */
export function timeLeft(until: number, now: number): string {
  const minutes = Math.round((until - now) / 60000);
  const amount = Math.abs(minutes);
  const size =
    amount < 60 ? words.minutes(amount) : amount < 2880 ? words.hours(Math.floor(amount / 60)) : words.days(Math.floor(amount / 1440));
  return minutes >= 0 ? words.left(size) : words.over(size);
}

function refreshTimes(): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-left]")) {
    const until = Date.parse(element.dateTime);
    if (!Number.isNaN(until)) element.textContent = timeLeft(until, Date.now());
  }
}

/** A fold opens when an address points into it. */
function openFold(): void {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  const fold = target?.closest("details");
  if (!target || !fold || fold.open) return;
  fold.open = true;
  target.scrollIntoView();
}

export function startPage(): void {
  openFold();
  window.addEventListener("hashchange", openFold);
  startMenu();
  startLookup();
  startCopy();
  setInterval(refreshTimes, 30000);
  document.addEventListener("visibilitychange", refreshTimes);
}
