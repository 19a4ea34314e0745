/** `<input data-method>`: tells the form whether its text came from a scanner or from fingers, in `method`. */

const FAST = 45; // milliseconds between two characters; nobody types a number that quickly
const SHORTEST = 6;

/** Whether a text grew as scanners make it grow: at once, or faster than anybody types. */
export function isScanned(length: number, moments: number[], atOnce: boolean): boolean {
  if (length < SHORTEST) return false;
  if (atOnce) return true;
  return moments.length === length && moments.every((at, i) => i === 0 || at - moments[i - 1]! < FAST);
}

export function startMethods(): void {
  const seen = new WeakMap<HTMLInputElement, { moments: number[]; atOnce: boolean }>();
  document.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    if (!field.matches?.("input[data-method]")) return;
    const { data, inputType, timeStamp } = event as InputEvent;
    const way = seen.get(field) ?? { moments: [], atOnce: false };
    if (inputType === "insertText" && data?.length === 1 && field.value.length === way.moments.length + 1) way.moments.push(timeStamp);
    else {
      way.atOnce = inputType === "insertText" && data !== null && data === field.value; // a handheld types it in one piece
      way.moments = [];
    }
    seen.set(field, way);
    const method = field.form?.querySelector<HTMLInputElement>("input[name=method]");
    if (method) method.value = isScanned(field.value.length, way.moments, way.atOnce) ? "scanned" : "typed";
  });
}
