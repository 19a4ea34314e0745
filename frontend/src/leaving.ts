/**
 * Signing out, maybe on a phone that others share: nothing of the person stays on it, but that something waits to be
 * sent. Pages are not stored by the browser; what the device keeps itself is forgotten here.
 */
import { store, viewer } from "./queue/store";
import { words } from "./words";

const LEFT = "left-at"; // when somebody signed out here: what was shown before is shown to nobody
const openedAt = Date.now();

/** The bench's worker forgets its page, also one that it is fetching just now. */
async function forgetPage(): Promise<void> {
  if (!("caches" in window) || !("serviceWorker" in navigator)) return;
  const forgotten = new Promise((done) => navigator.serviceWorker.addEventListener("message", ({ data }) => data === "forgotten" && done(data)));
  const registered = await navigator.serviceWorker.getRegistrations();
  for (const { active } of registered) active?.postMessage("forget");
  await Promise.race([forgotten, new Promise((late) => setTimeout(late, registered.length ? 1500 : 0))]);
  await caches.delete("bench-page");
}

async function forget(): Promise<void> {
  sessionStorage.clear(); // what was typed and not sent
  localStorage.setItem(LEFT, String(Date.now()));
  await Promise.allSettled([forgetPage(), store().then((kept) => kept.clear("known"))]);
}

const isGone = (): boolean => viewer() !== "" && Number(localStorage.getItem(LEFT) ?? 0) > openedAt;

/** Shows nothing any more, and goes to the sign-in once the session has ended: in another tab that takes a moment. */
async function hide(): Promise<void> {
  const asked = location.href;
  document.body.replaceChildren();
  for (let tries = 0; tries < 30; tries += 1) {
    const answer = await fetch(asked, { redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect") break;
    await new Promise((later) => setTimeout(later, 1000));
  }
  location.replace("/");
}

/** Somebody's words wait on this device: whose and which, only they see. */
async function tellWaiting(): Promise<void> {
  const place = document.querySelector<HTMLElement>("[data-waiting-here]");
  if (!place || viewer() || !("indexedDB" in window)) return;
  const count = await (await store()).count("waiting");
  if (!count) return;
  place.textContent = words.waitsHere(count);
  place.hidden = false;
}

export function startLeaving(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || !form.action.endsWith("/sign-out/")) return;
    event.preventDefault();
    void forget()
      .catch(() => undefined)
      .then(() => {
        if (!form.isConnected) document.body.append(form); // the page was shown anew meanwhile
        form.submit();
      });
  });
  window.addEventListener("pageshow", () => isGone() && void hide()); // out of the browser's memory of pages
  window.addEventListener("storage", ({ key }) => key === LEFT && isGone() && void hide()); // in another tab
  void tellWaiting().catch(() => undefined);
}
