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

export function startBench(): void {
  document.addEventListener("htmx:afterSwap", sound);
}
