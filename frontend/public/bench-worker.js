// The bench's service worker: its page and files are kept, so that a reload finds them while the network is down.
// It serves nothing else, and forgets the page when somebody signs out.
const PAGES = "bench-page";
const FILES = "bench-files";
const PATIENCE = 4000; // ms before the kept page is shown instead
const MOST = 60; // files; their names change with each release
let departures = 0; // a page that was asked for before somebody signed out is not kept afterwards

const soon = (promise) => Promise.race([promise, new Promise((_done, late) => setTimeout(() => late(new Error("late")), PATIENCE))]);

async function page(request) {
  const before = departures;
  const pages = await caches.open(PAGES);
  const key = new URL(request.url).pathname;
  try {
    const response = await soon(fetch(request));
    if (response.ok && !response.redirected && response.type === "basic" && before === departures) await pages.put(key, response.clone());
    else await pages.delete(key); // signed out, or no longer allowed
    return response;
  } catch (error) {
    const kept = await pages.match(key, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await files.put(request, response.clone());
    const names = await files.keys();
    await Promise.all(names.slice(0, Math.max(0, names.length - MOST)).map((name) => files.delete(name)));
  }
  return response;
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === new URL("./", self.location.href).pathname) event.respondWith(page(request));
  else if (pathname.startsWith("/static/")) event.respondWith(file(request));
});

// The page that installs the worker was loaded without it: it names what to keep.
self.addEventListener("message", (event) => {
  const keep = async ({ page: path, files: names }) => {
    const before = departures;
    const [pages, files] = await Promise.all([caches.open(PAGES), caches.open(FILES)]);
    const [response] = await Promise.all([fetch(path), files.addAll(names)]);
    if (!response.ok || response.redirected || before !== departures) return;
    await pages.put(path, response);
    event.source?.postMessage("kept");
  };
  const forget = async () => {
    departures += 1;
    await caches.delete(PAGES);
    event.source?.postMessage("forgotten");
  };
  if (event.data === "forget") event.waitUntil(forget());
  else if (event.data?.page) event.waitUntil(keep(event.data));
});
