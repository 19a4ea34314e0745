/** `<form data-draft="key">`: what was typed survives an error or an expired session; gone once it was accepted. */
import { REFUSED } from "./focus";

const kept = (key: string): string => `draft:${document.body.dataset.viewer ?? ""}:${key}`; // nobody gets another's
const sent = (key: string): string => `draft-sent:${key}`;
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function fields(form: HTMLFormElement): Field[] {
  return ([...form.elements] as Field[]).filter(
    (field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type) && field.tagName !== "BUTTON" && field.tagName !== "FIELDSET",
  );
}

function keep(form: HTMLFormElement): void {
  const values = fields(form).map((field) =>
    field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")
      ? [field.name, field.checked ? field.value : null, field.value]
      : [field.name, field.value],
  );
  sessionStorage.setItem(kept(form.dataset.draft!), JSON.stringify(values));
}

function restore(form: HTMLFormElement): void {
  const text = sessionStorage.getItem(kept(form.dataset.draft!));
  if (!text || form.querySelector(REFUSED)) return; // the server sent the values back itself
  const all = fields(form);
  (JSON.parse(text) as [string, string | null, string?][]).forEach(([name, value, own]) => {
    const same = all.filter((field) => field.name === name);
    const field = own === undefined ? same[0] : same.find((one) => one.value === own);
    if (!field) return;
    if (own !== undefined) (field as HTMLInputElement).checked = value !== null;
    else if (value !== null) field.value = value;
  });
}

export function startDrafts(): void {
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-draft]")];
  const refused = new Set(forms.filter((form) => form.querySelector(REFUSED)).map((form) => form.dataset.draft!));
  const isSignedOut = !document.body.dataset.viewer;
  if (!isSignedOut && !document.querySelector("[data-refusal]")) {
    for (const name of Object.keys(sessionStorage)) {
      if (!name.startsWith("draft-sent:")) continue;
      const key = name.slice("draft-sent:".length);
      if (!refused.has(key)) sessionStorage.removeItem(kept(key));
      sessionStorage.removeItem(name);
    }
  }
  forms.forEach(restore);
  document.addEventListener("input", (event) => {
    const form = (event.target as Field).form;
    if (form?.dataset.draft) keep(form);
  });
  document.addEventListener("submit", (event) => {
    const { draft } = (event.target as HTMLFormElement).dataset;
    if (draft && !event.defaultPrevented) sessionStorage.setItem(sent(draft), "1");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { detail } = event as CustomEvent<{ successful: boolean }>;
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-draft]");
    if (!form) return;
    if (detail.successful) sessionStorage.removeItem(kept(form.dataset.draft!));
    sessionStorage.removeItem(sent(form.dataset.draft!));
  });
}
