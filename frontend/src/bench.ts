/** The bench: each verdict is felt and heard, so that a packer need not look up; the camera may scan as well. */
const SIGNS: Record<string, { buzz: number[]; tones: number[] }> = {
  started: { buzz: [30], tones: [660] },
  counted: { buzz: [40], tones: [770] },
  passed: { buzz: [60], tones: [880] },
  stopped: { buzz: [250, 100, 250], tones: [220, 180] },
  unknown: { buzz: [120, 80, 120], tones: [440, 330] },
};
let audio: AudioContext | undefined;

function play(tones: number[]): void {
  audio ??= new AudioContext();
  tones.forEach((frequency, n) => {
    const tone = new OscillatorNode(audio!, { frequency, type: "triangle" });
    const volume = new GainNode(audio!, { gain: 0.2 });
    tone.connect(volume).connect(audio!.destination);
    tone.start(audio!.currentTime + n * 0.18);
    tone.stop(audio!.currentTime + n * 0.18 + 0.15);
  });
}

/** Plays what the page now says. */
export function sound(): void {
  const verdict = document.querySelector<HTMLElement>("#bench [data-verdict], #photo [data-verdict]");
  const sign = SIGNS[verdict?.dataset.verdict ?? ""];
  if (!sign) return;
  navigator.vibrate?.(sign.buzz);
  play(sign.tones);
}

/**
 * The button of a parcel that is stopped has the focus, and a scanner types a number and then Enter: what is scanned
 * next must not press it. Enter alone does, so does a tap.
 */
function holdStop(): void {
  let typed = false;
  const forget = (): void => void (typed = false);
  document.addEventListener("htmx:afterSwap", forget);
  document.addEventListener(
    "keydown",
    (event) => {
      const isHeld = document.querySelector("#bench .verdict--stopped") && !document.activeElement?.matches("input, select, textarea");
      if (!isHeld || event.ctrlKey || event.metaKey || event.altKey) return forget();
      if (event.key.length > 1 && (event.key !== "Enter" || !typed)) return;
      if (typed) {
        event.preventDefault(); // a space presses it as well, a slash would open the lookup
        event.stopPropagation();
      }
      typed = event.key !== "Enter";
      if (!typed) sound();
    },
    { capture: true },
  );
}

export function startBench(): void {
  document.addEventListener("htmx:afterSwap", sound);
  holdStop();
}
