/** Small helpers for building what the page shows; text is always set as text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export type Tone = "info" | "success" | "warning" | "error";

/** A message above the page's content; errors and warnings interrupt a screen reader. */
export function tell(text: string, tone: Tone = "info"): HTMLElement {
  const region = document.getElementById("messages");
  const shown = make("div", { class: `message message--${tone}`, role: tone === "error" || tone === "warning" ? "alert" : "status" }, make("p", {}, text));
  if (!region) return shown;
  region.replaceChildren(shown);
  const { top } = region.getBoundingClientRect();
  if (top < 0 || top > window.innerHeight * 0.6) region.scrollIntoView({ block: "center" });
  if (tone === "success" || tone === "info") setTimeout(() => shown.remove(), 6000);
  return shown;
}

/** A dialog with the given content; removed when it closes. */
export function openDialog(label: string, ...content: Node[]): HTMLDialogElement {
  const dialog = make("dialog", { "aria-label": label }, make("div", { class: "dialog-body" }, ...content));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  return dialog;
}

export const cookie = (name: string): string =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? "";
