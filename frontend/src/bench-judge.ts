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

// As orders/words.py has these three; tests/orders/scanned.json holds both to the same.
const BLANK = /[\s\x00-\x1f\x7f-\x9f\u200b-\u200d\u2060\ufeff]+/g;
export const plain = (text: string): string => text.normalize("NFKC").replace(BLANK, "").toUpperCase();
export const wholeOf = (number: string): string => number.replace(/-\d{1,3}-\d{1,3}$/, "");

/** The number in what a scanner gave; among several one that is known here. */
export function numberIn(scanned: string, isKnown: (number: string) => boolean = () => false): string {
  const text = scanned.normalize("NFKC").toUpperCase();
  const isAddress = text.includes("://") || text.includes("?");
  const all = (isAddress ? text : plain(text)).match(/[A-Z]{0,6}\d[A-Z0-9]*(?:-\d{1,3})*/g) ?? [];
  const known = all.filter(isKnown);
  const found = known.length ? known : all;
  const long = found.filter((number) => number.length >= 8);
  const last = (long.length ? long : found).pop();
  const longest = found.reduce((best, number) => (number.length > best.length ? number : best), "");
  return ((isAddress ? last : longest) || plain(text)).slice(0, 40);
}

interface Judged {
  text: string;
  at: number;
  verdict: Verdict;
}

/** Judges scans one after another, by the list that was fetched. */
export class Judge {
  begun: Begun | null = null;
  private last: Judged | null = null;
  private counted: Judged | null = null; // the piece counted last into the parcel that is begun

  constructor(public known?: Known) {}

  parcelOf(number: string): KnownParcel | undefined {
    return this.known?.parcels[number] ?? this.known?.parcels[wholeOf(number)];
  }

  judge(scan: Scan): Verdict {
    const isAgain = (before: Judged | null, within: number): before is Judged =>
      before !== null && Math.abs(scan.at - before.at) <= within && plain(before.text) === plain(scan.text);
    if (isAgain(this.last, TWICE) && ["passed", "started"].includes(this.last.verdict.verdict)) return this.last.verdict;
    const mayBeFired = scan.into && this.begun && scan.pieces === 1 && !scan.meant;
    if (mayBeFired && isAgain(this.counted, AGAIN)) return { ...this.counted.verdict, code: "again" };
    const verdict = scan.into && this.begun ? this.goods(scan, this.begun) : this.waybill(scan);
    this.note(scan.text, scan.at, verdict);
    return verdict;
  }

  /** What was judged, here or by the server, so that the next scan is seen beside it. */
  note(text: string, at: number, verdict: Verdict): void {
    this.last = { text, at, verdict };
    if (verdict.code === "counted") this.counted = this.last;
    if (verdict.verdict === "started") this.counted = null;
    if (verdict.verdict !== "passed") return;
    this.begun = null;
    if (this.known && !this.known.passed.includes(verdict.number)) this.known.passed.push(verdict.number);
  }

  undo(number: string): void {
    this.last = this.counted = null;
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
    if (!product) return this.isOtherParcel(numberIn(text), into) ? say("stopped", "goods_missing") : say("unknown", "code_unknown");
    const line = into.lines.get(product);
    if (!line) return say("stopped", "wrong_goods", product);
    if (pieces * inPack > line.left) return say("stopped", "too_many", product);
    line.left -= pieces * inPack;
    line.counted += pieces * inPack;
    return [...into.lines.values()].every((one) => !one.left) ? say("passed", "ok", product) : say("counted", "counted", product);
  }
  private isOtherParcel(number: string, begun: Begun): boolean {
    return number !== begun.number && number !== wholeOf(begun.number) && this.parcelOf(number) !== undefined;
  }
}
