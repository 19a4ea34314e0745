/** The bench scans with the phone's camera: what it reads goes into the field, as from a scanner. */
import { make, tell } from "./dom";
import { words } from "./words";

const AGAIN = 1500; // ms that a code must be out of sight before it counts once more

interface Scanner {
  readVideo(video: HTMLVideoElement, wasm: string, found: (text: string) => void, stopped: () => boolean): Promise<void>;
}

let stream: MediaStream | null = null;

function enter(text: string): void {
  const field = document.querySelector<HTMLInputElement>("#bench input[name=scanned]");
  if (!field || field.form!.hidden || field.form!.classList.contains("htmx-request")) return;
  field.value = text;
  field.form!.requestSubmit();
}

function stop(place: HTMLElement): void {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  place.replaceChildren();
  place.hidden = true;
  document.querySelectorAll<HTMLElement>("[data-camera]").forEach((button) => (button.hidden = false));
}

async function start(place: HTMLElement): Promise<void> {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } } });
  } catch (reason) {
    return void tell((reason as Error).name === "NotAllowedError" ? words.cameraRefused : words.cameraMissing, "warning");
  }
  const running = stream;
  const video = make("video", { playsinline: "", muted: "", autoplay: "", "aria-label": words.camera });
  video.muted = true;
  video.srcObject = running;
  const close = make("button", { type: "button", class: "btn btn-light" }, words.cameraOff);
  close.addEventListener("click", () => stop(place));
  place.replaceChildren(video, make("span", { class: "camera-frame", "aria-hidden": "true" }), make("div", { class: "camera-actions" }, ...light(running), close));
  place.hidden = false;
  document.querySelectorAll<HTMLElement>("[data-camera]").forEach((button) => (button.hidden = true));
  const seen = new Map<string, number>();
  const found = (text: string): void => {
    const last = seen.get(text) ?? 0;
    seen.set(text, Date.now());
    if (Date.now() - last > AGAIN) enter(text);
  };
  try {
    await video.play();
    const scanner = (await import(place.dataset.scanner!)) as Scanner;
    await scanner.readVideo(video, place.dataset.wasm!, found, () => stream !== running || !place.isConnected);
  } catch {
    stop(place);
    tell(words.cameraMissing, "warning");
  }
}

/** A button for the phone's lamp, where it has one. */
function light(running: MediaStream): HTMLElement[] {
  const track = running.getVideoTracks()[0];
  const can = track?.getCapabilities?.() as { torch?: boolean } | undefined;
  if (!can?.torch) return [];
  let on = false;
  const button = make("button", { type: "button", class: "btn btn-light", "aria-pressed": "false" }, words.light);
  button.addEventListener("click", () => {
    on = !on;
    button.setAttribute("aria-pressed", String(on));
    void track!.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
  });
  return [button];
}

export function startCamera(): void {
  const place = document.getElementById("camera");
  if (!place || !navigator.mediaDevices?.getUserMedia) return;
  const offer = (): void => document.querySelectorAll<HTMLElement>("[data-camera]").forEach((button) => (button.hidden = stream !== null));
  offer();
  document.addEventListener("htmx:afterSettle", () => {
    offer();
    if (!stream) return;
    (document.activeElement as HTMLElement | null)?.blur(); // no keyboard over the picture
    window.scrollTo({ top: 0 });
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-camera]")) void start(place);
  });
  window.addEventListener("pagehide", () => stop(place));
}
