/** What the phone judges a scan by while the network is down. Pure; the bench's own judge is orders/services/bench.py. */
export interface KnownParcel {
  code: string;
  asks: string;
  tail: string;
  shop?: number;
  orders?: string[];
  lines?: [string, string, number][]; // key, title, pieces
}

export interface Known {
  viewer: string;
  fetchedAt: number;
  passed: string[]; // let go since
  parcels: Record<string, KnownParcel>;
  barcodes: Record<string, Record<string, [string, number]>>;
  words: Record<string, [string, string]>;
}

export interface Line {
  title: string;
  counted: number;
  left: number;
}

/** A parcel into which goods are scanned. */
export interface Begun {
  key: string;
  number: string;
  shop: string;
  asks: string;
  lines: Map<string, Line>;
}

export interface Verdict {
  verdict: "passed" | "stopped" | "unknown" | "started" | "counted";
  code: string;
  number: string;
  product?: string;
}

export interface Scan {
  text: string;
  key: string;
  into: boolean; // goods, into the parcel that is begun
  pieces: number;
  meant?: boolean; // the same code again, on another piece
  at: number; // ms
}

const DOUBTS = ["no_order", "goods_unknown", "aftersale_unknown", "state_unknown", "receivers_masked"]; // nobody can judge it
export const TOO_OLD = 4 * 3_600_000; // as everywhere: older figures answer nothing
const AGAIN = 2000; // ms; as orders/services/goods.py: less than the next piece takes
const TWICE = 5000; // ms; as at the bench: a scanner that fires twice does so within a moment

export const plain = (text: string): string => text.normalize("NFKC").replace(/\s+/g, "").toUpperCase();

/** The number in what a scanner gave, as the server finds it (orders/words.py); among several one that is known here. */
export function numberIn(scanned: string, isKnown: (number: string) => boolean = () => false): string {
  const text = scanned.normalize("NFKC").trim().toUpperCase();
  const isAddress = text.includes("://") || text.includes("?");
  const all = (isAddress ? text : text.replace(/\s+/g, "")).match(/[A-Z]{0,6}\d[A-Z0-9]*(?:-\d{1,3})*/g) ?? [];
  const known = all.filter(isKnown);
  const found = known.length ? known : all;
  const long = found.filter((number) => number.length >= 8);
  if (isAddress) return (long.length ? long : found).pop() ?? text;
  return found.reduce((best, number) => (number.length > best.length ? number : best), "") || text.replace(/\s+/g, "");
}

/** Judges scans one after another, by the list that was fetched. */
export class Judge {
  begun: Begun | null = null;
  private last: { text: string; at: number; verdict: Verdict } | null = null;

  constructor(public known?: Known) {}

  parcelOf(number: string): KnownParcel | undefined {
    return this.known?.parcels[number] ?? this.known?.parcels[number.replace(/-\d{1,3}-\d{1,3}$/, "")];
  }

  judge(scan: Scan): Verdict {
    const before = this.last;
    const isAgain = before && Math.abs(scan.at - before.at) <= TWICE && plain(before.text) === plain(scan.text);
    if (isAgain && ["passed", "started"].includes(before.verdict.verdict)) return before.verdict;
    const isFired = isAgain && Math.abs(scan.at - before.at) <= AGAIN && scan.pieces === 1 && !scan.meant;
    if (isFired && scan.into && this.begun && before.verdict.verdict === "counted") return { ...before.verdict, code: "again" };
    const verdict = scan.into && this.begun ? this.goods(scan, this.begun) : this.waybill(scan);
    this.note(scan.text, scan.at, verdict);
    return verdict;
  }

  /** What was judged, here or by the server, so that the next scan is seen beside it. */
  note(text: string, at: number, verdict: Verdict): void {
    this.last = { text, at, verdict };
    if (verdict.verdict !== "passed") return;
    this.begun = null;
    if (this.known && !this.known.passed.includes(verdict.number)) this.known.passed.push(verdict.number);
  }

  undo(number: string): void {
    this.last = null;
    if (this.known) this.known.passed = this.known.passed.filter((one) => one !== number);
  }

  private waybill({ text, key, at }: Scan): Verdict {
    const number = numberIn(text, (each) => this.parcelOf(each) !== undefined);
    const say = (verdict: Verdict["verdict"], code: string): Verdict => ({ verdict, code, number });
    this.begun = null;
    if (!this.known || at - this.known.fetchedAt > TOO_OLD) return say("unknown", "list_old");
    const parcel = this.parcelOf(number);
    if (!parcel) return say("unknown", "not_found_here");
    if (this.known.passed.includes(number)) return say("stopped", "already_verified");
    if (DOUBTS.includes(parcel.code)) return say("unknown", parcel.code);
    if (parcel.code !== "ok") return say("stopped", parcel.code);
    if (parcel.asks === "waybill") return say("passed", "ok");
    const lines = new Map((parcel.lines ?? []).map(([product, title, left]) => [product, { title, left, counted: 0 }]));
    this.begun = { key, number, shop: String(parcel.shop), asks: parcel.asks, lines };
    return say("started", `asks_${parcel.asks}`);
  }

  private goods({ text, pieces }: Scan, into: Begun): Verdict {
    const say = (verdict: Verdict["verdict"], code: string, product?: string): Verdict => ({ verdict, code, number: into.number, product });
    const code = plain(text);
    if (into.asks === "slip") {
      const fits = this.parcelOf(into.number)?.orders?.some((order) => code.includes(plain(order)));
      return fits ? say("passed", "ok") : say("stopped", "wrong_slip");
    }
    const [product, inPack] = this.known?.barcodes[into.shop]?.[code] ?? (into.lines.has(code) ? [code, 1] : ["", 1]);
    if (!product) return this.parcelOf(numberIn(text)) ? say("stopped", "goods_missing") : say("unknown", "code_unknown");
    const line = into.lines.get(product);
    if (!line) return say("stopped", "wrong_goods", product);
    if (pieces * inPack > line.left) return say("stopped", "too_many", product);
    line.left -= pieces * inPack;
    line.counted += pieces * inPack;
    return [...into.lines.values()].every((one) => !one.left) ? say("passed", "ok", product) : say("counted", "counted", product);
  }
}
