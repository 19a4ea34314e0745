/** htmx and the server: a fresh CSRF token, refusals as messages, and signing in again in place. */
import htmx from "htmx.org";
import { cookie, make, openDialog, tell } from "./dom";
import { words } from "./words";

interface RequestDetail {
  elt: Element;
  target: Element;
  xhr: XMLHttpRequest;
  requestConfig: { verb: "get" | "post" | "put" | "delete" | "patch"; path: string; formData: FormData };
}

/** The token that holds now; signing in anew changes it. */
export const csrfToken = (): string =>
  cookie("csrftoken") || (document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "");

function renewTokens(): void {
  const token = cookie("csrftoken");
  if (token) document.querySelectorAll<HTMLInputElement>("input[name=csrfmiddlewaretoken]").forEach((field) => (field.value = token));
}

let signingIn: Promise<boolean> | null = null;

/** Opens the sign-in form over the page; resolves to whether the viewer signed in. */
export function signInHere(): Promise<boolean> {
  signingIn ??= new Promise<boolean>((resolve) => {
    const place = make("div");
    const dialog = openDialog(words.signIn, make("h2", {}, words.signIn), place);
    let done = false;
    const finish = (): void => {
      done = true;
      renewTokens();
      dialog.close();
    };
    document.addEventListener("signed-in", finish, { once: true });
    dialog.addEventListener("close", () => {
      document.removeEventListener("signed-in", finish);
      signingIn = null;
      resolve(done);
    });
    void htmx.ajax("get", document.body.dataset.signIn ?? "/", { target: place, swap: "innerHTML" }).then(() => place.querySelector<HTMLInputElement>("input:not([type=hidden])")?.focus());
  });
  return signingIn;
}

async function signInAndSendAgain({ elt, target, requestConfig }: RequestDetail): Promise<void> {
  if (!(await signInHere())) return;
  const { verb, path, formData } = requestConfig;
  formData.delete("csrfmiddlewaretoken");
  await htmx.ajax(verb, path, { source: elt, target: target as HTMLElement, values: formData as unknown as Record<string, unknown> });
}

export function startNet(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    // What the last action was told is of no use beside the next one's answer.
    if ((event as CustomEvent).detail.requestConfig.verb === "post") document.getElementById("messages")?.replaceChildren();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const { detail } = event as CustomEvent<{ headers: Record<string, string>; formData: FormData }>;
    const token = csrfToken();
    if (!token) return;
    detail.headers["X-CSRFToken"] = token;
    if (detail.formData.has("csrfmiddlewaretoken")) detail.formData.set("csrfmiddlewaretoken", token);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean }>;
    if (detail.xhr.status < 400 || !detail.xhr.responseText.includes("data-refusal")) return;
    detail.shouldSwap = false; // the form stays as it is; the sentence is told above it
    const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
    tell(page.querySelector("[data-refusal]")?.textContent?.trim() ?? "", "error");
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { detail } = event as CustomEvent<RequestDetail>;
    if (detail.xhr.status === 401) void signInAndSendAgain(detail);
    else if (detail.xhr.status === 404) tell(words.gone, "warning");
    else if (detail.xhr.status >= 500) tell(words.broken, "error");
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!(event.target as Element).closest("[data-offline], [hx-trigger*=every]")) tell(words.offline, "error");
  });
}
