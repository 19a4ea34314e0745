/** Rows ticked on a list (`input[form=ID]`), and the bar that acts on them. */
import { tell } from "./dom";
import { words } from "./words";

function boxes(id: string): HTMLInputElement[] {
  // A list may be written twice, as cards and as a table: the one in sight counts.
  const all = document.querySelectorAll<HTMLInputElement>(`input[type=checkbox][form="${id}"]`);
  return [...all].filter((box) => box.offsetParent);
}

function refresh(bar: HTMLElement): void {
  const id = bar.dataset.chosenBar!;
  const all = boxes(id);
  const n = all.filter((box) => box.checked).length;
  bar.querySelector("[data-chosen-count]")!.textContent = n ? words.chosen(n) : "";
  document.querySelectorAll<HTMLInputElement>(`[data-choose-all="${id}"]`).forEach((every) => {
    every.checked = n > 0 && n === all.length;
    every.indeterminate = n > 0 && n < all.length;
  });
  bar.hidden = n === 0 && !bar.querySelector("[data-choose-all]");
  bar.querySelectorAll<HTMLElement>("button, input.form-control").forEach((part) => (part.hidden = n === 0));
}

export function startChoosing(): void {
  const bar = document.querySelector<HTMLElement>("[data-chosen-bar]");
  if (!bar) return;
  const id = bar.dataset.chosenBar!;
  document.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.matches("[data-choose-all]")) boxes(id).forEach((each) => (each.checked = box.checked));
    if (box.matches(`[data-choose-all], [form="${id}"]`)) refresh(bar);
  });
  bar.querySelector("[data-copy-chosen]")?.addEventListener("click", async () => {
    const cards = boxes(id).filter((box) => box.checked);
    const numbers = cards.map((box) => box.closest("tr")?.querySelector<HTMLElement>("[data-copy]")?.dataset.copy ?? "");
    try {
      await navigator.clipboard.writeText(numbers.filter(Boolean).join("\n"));
      tell(words.copied, "success");
    } catch {
      tell(words.copyByHand, "error");
    }
  });
  window.addEventListener("pageshow", () => refresh(bar));
  refresh(bar);
}
