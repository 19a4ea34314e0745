/** Reads barcodes from a running video; loaded only when somebody turns the camera on. */
import { prepareZXingModule, readBarcodes, type ReadInputBarcodeFormat } from "zxing-wasm/reader";

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>;
}
declare global {
  interface Window {
    BarcodeDetector?: { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> };
  }
}

const NATIVE = ["code_128", "code_39", "ean_13", "ean_8", "upc_a", "itf", "qr_code"];
const FORMATS: ReadInputBarcodeFormat[] = ["Code128", "Code39", "EAN13", "EAN8", "UPCA", "ITF", "QRCode"];
const WIDEST = 1280; // pixels: a label's bars stay apart, a frame takes some 70 ms

async function nativeDetector(): Promise<Detector | null> {
  const supported = (await window.BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  return supported.includes("code_128") ? new window.BarcodeDetector!({ formats: NATIVE.filter((format) => supported.includes(format)) }) : null;
}

/** Calls `found` with each text that two frames in a row agree on, until `stopped` says so. */
export async function readVideo(video: HTMLVideoElement, wasm: string, found: (text: string) => void, stopped: () => boolean): Promise<void> {
  const native = await nativeDetector();
  if (!native) prepareZXingModule({ overrides: { locateFile: () => wasm } });
  const canvas = document.createElement("canvas");
  let before = "";
  while (!stopped()) {
    await new Promise((next) => setTimeout(next, 60));
    if (!video.videoWidth || video.paused) continue;
    const text = native ? ((await native.detect(video))[0]?.rawValue ?? "") : await read(video, canvas);
    if (text && text === before) found(text);
    before = text;
  }
}

async function read(video: HTMLVideoElement, canvas: HTMLCanvasElement): Promise<string> {
  const scale = Math.min(1, WIDEST / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const [code] = await readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), { formats: FORMATS, maxNumberOfSymbols: 1 });
  return code?.isValid ? code.text : "";
}
