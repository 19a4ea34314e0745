/** Forms: no second submit of the same form; `data-autosubmit` sends a filter form when a choice changes. */
const isHtmx = (form: HTMLFormElement): boolean =>
  ["hx-post", "hx-get", "hx-put", "hx-delete"].some((name) => form.hasAttribute(name) || form.hasAttribute(`data-${name}`));

function setBusy(form: HTMLFormElement, busy: boolean): void {
  for (const button of form.querySelectorAll<HTMLButtonElement>("button:not([type=button]), input[type=submit]")) {
    if (busy) {
      if (button.disabled) continue;
      button.setAttribute("aria-busy", "true");
      button.disabled = true;
    } else if (button.getAttribute("aria-busy")) {
      button.removeAttribute("aria-busy");
      button.disabled = false;
    }
  }
}

/** `data-only-for="field:value value"`: asked while that field of the form has one of these values. Otherwise it is not
 * shown, and disabled: what stands in it holds nothing up and is not sent. */
function showFitting(form: HTMLFormElement): void {
  for (const part of form.querySelectorAll<HTMLElement>("[data-only-for]")) {
    const [name, values] = part.dataset.onlyFor!.split(":");
    const now = (form.elements.namedItem(name!) as HTMLSelectElement | null)?.value ?? "";
    const row = part.closest<HTMLElement>(".mb-3") ?? part;
    row.hidden = !values!.split(" ").includes(now);
    for (const field of row.querySelectorAll<HTMLInputElement>("input, select, textarea")) field.disabled = row.hidden;
  }
}

export function startForms(): void {
  document.querySelectorAll("form").forEach(showFitting);
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (isHtmx(form) || form.method === "get" || form.method === "dialog" || form.target) return;
    // Later: the browser has collected the pressed button's value, and other listeners had their say.
    setTimeout(() => event.defaultPrevented || setBusy(form, true));
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form").forEach((form) => setBusy(form, false));
  });
  for (const name of ["htmx:beforeRequest", "htmx:afterRequest"]) {
    document.addEventListener(name, (event) => {
      const form = (event.target as Element).closest("form");
      if (form) setBusy(form, name === "htmx:beforeRequest");
    });
  }
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    const form = field.form;
    if (form) showFitting(form);
    if (!form?.matches("[data-autosubmit]") || !field.name || ["text", "search", "number"].includes(field.type)) return;
    form.requestSubmit();
  });
}
