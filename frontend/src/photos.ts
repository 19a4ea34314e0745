/** `<input type="file" data-photo>`: a preview, and photos made small enough for a warehouse's network. */
import { make, tell } from "./dom";
import { words } from "./words";

const LONGEST_SIDE = 1600;

async function smaller(file: File): Promise<File> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  if (scale === 1 && file.size < 600_000) return file;
  const canvas = make("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
}

async function shrink(input: HTMLInputElement): Promise<void> {
  const strip = input.parentElement?.querySelector(".photo-strip") ?? make("div", { class: "photo-strip" });
  strip.replaceChildren();
  input.after(strip);
  const chosen = new DataTransfer();
  for (const file of input.files ?? []) {
    if (!file.type.startsWith("image/")) {
      chosen.items.add(file);
      continue;
    }
    try {
      const small = await smaller(file);
      chosen.items.add(small);
      strip.append(make("img", { src: URL.createObjectURL(small), alt: small.name }));
    } catch {
      chosen.items.add(file); // a kind that this browser cannot draw; the server judges it
      tell(words.photoTooLarge, "warning");
    }
  }
  input.files = chosen.files;
}

export function startPhotos(): void {
  document.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    if (input.matches("input[type=file][data-photo]")) void shrink(input);
    if (input.matches("[data-sends-itself] input[type=file]") && input.files?.length) input.form!.requestSubmit();
  });
}
