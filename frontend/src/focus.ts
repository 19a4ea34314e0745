/**
 * What is swapped away takes the focus with it, and a keyboard then stands at the top of the page. Afterwards it goes to
 * what the new content names: a control with `autofocus`, what was refused, `data-focus`, else its first heading.
 * A whole page that comes back refused begins at the field whose sentence is to be read: it may stand far down.
 */
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea";

function place(root: ParentNode): HTMLElement | null {
  const wanted = ["[autofocus]", ".alert-danger", "[data-focus]", "h1, h2, h3", CONTROLS].map((each) => [...root.querySelectorAll<HTMLElement>(each)]);
  return wanted.flat().find((one) => one.checkVisibility?.() ?? one.offsetParent) ?? null;
}

/** Moves the focus into new content; a heading or a sentence is read out by it. */
export function focusIn(root: ParentNode): void {
  const target = place(root);
  if (!target) return;
  if (!target.matches(CONTROLS)) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}

/** By which the same control is found again after a swap. */
function nameOf(element: Element): string {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const form = element.closest("form")?.getAttribute("action");
  const name = element.getAttribute("name");
  return form && name ? `form[action="${CSS.escape(form)}"] [name="${CSS.escape(name)}"][value="${CSS.escape(element.getAttribute("value") ?? "")}"]` : "";
}

/** What a form that comes back marks: each control that was refused or left out, and the sentence at its head. */
export const REFUSED = "form :is([aria-invalid=true], .is-invalid, .alert-danger)";

function startAtRefused(): void {
  const refused = [...document.querySelectorAll<HTMLElement>(`main ${REFUSED}`)];
  const first = refused.find((one) => one.checkVisibility?.() ?? one.offsetParent);
  if (!first) return;
  if (!first.matches(CONTROLS)) first.tabIndex = -1;
  const whole = first.closest("fieldset") ?? first;
  whole.scrollIntoView({ block: whole.clientHeight > innerHeight ? "start" : "center" });
  first.focus({ preventScroll: true });
}

export function startFocus(): void {
  startAtRefused();
  let left: { id: string; control: string; verb: string } | null = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = (event as CustomEvent<{ target: Element; requestConfig: { verb: string } }>).detail;
    const focused = document.activeElement;
    // A button that is disabled while its form is sent has lost the focus already; the form that was sent counts.
    const isInside = focused && focused !== document.body ? target.contains(focused) : target.contains(event.target as Element);
    if (isInside) left = { id: target.id, control: focused ? nameOf(focused) : "", verb: requestConfig.verb };
  });
  document.addEventListener("htmx:afterSettle", () => {
    const active = document.activeElement;
    if (!left || (active && active !== document.body && active.isConnected)) return void (left = null);
    const root = document.getElementById(left.id);
    const same = left.verb === "get" && left.control ? root?.querySelector<HTMLElement>(left.control) : null;
    if (same) same.focus({ preventScroll: true });
    else if (root) focusIn(root);
    left = null;
  });
}
