/** `data-confirm="sentence"` on a form or its button asks first, in a dialog; `data-confirm-label` names the deed. */
import { make, openDialog } from "./dom";
import { words } from "./words";

export function ask(sentence: string, label: string = words.yes): Promise<boolean> {
  return new Promise((resolve) => {
    const no = make("button", { type: "button", class: "btn btn-outline-secondary" }, words.no);
    const yes = make("button", { type: "button", class: "btn btn-primary" }, label);
    const dialog = openDialog(sentence, make("p", { class: "lead-sentence" }, sentence), make("div", { class: "dialog-actions" }, no, yes));
    let answer = false;
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      answer = true;
      dialog.close();
    });
    dialog.addEventListener("close", () => resolve(answer));
    no.focus();
  });
}

export function startConfirm(): void {
  const agreed = new WeakSet<HTMLFormElement>();
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      const button = event.submitter as HTMLButtonElement | null;
      const asking = button?.dataset.confirm ? button : form.dataset.confirm ? form : null;
      if (!asking || agreed.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void ask(asking.dataset.confirm!, asking.dataset.confirmLabel ?? button?.textContent?.trim()).then((yes) => {
        if (!yes) return;
        agreed.add(form);
        form.requestSubmit(button);
      });
    },
    true,
  );
  document.addEventListener("htmx:confirm", (event) => {
    const { detail } = event as CustomEvent<{ question: string | null; issueRequest: (skip: boolean) => void }>;
    if (!detail.question) return;
    event.preventDefault();
    void ask(detail.question).then((yes) => yes && detail.issueRequest(true));
  });
}
