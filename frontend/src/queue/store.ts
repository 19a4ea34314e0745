/** What this device keeps: what waits to be sent, and what the bench may judge by. Kept for each viewer apart. */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Known } from "../bench-judge";

export interface Waiting {
  id?: number;
  viewer: string;
  url: string;
  page: string;
  about?: string; // posts about the same thing keep their order
  said?: string; // the same in the words of its page
  fields: [string, FormDataEntryValue][];
  heldFor?: string; // why it is not taken: the server's sentence, or that the server fails
  failures?: number; // how often the server failed at it, and since when
  failingSince?: number;
}

interface Store extends DBSchema {
  waiting: { key: number; value: Waiting };
  known: { key: string; value: Known };
}

let opened: Promise<IDBPDatabase<Store>> | null = null;
export const store = (): Promise<IDBPDatabase<Store>> =>
  (opened ??= openDB<Store>("shipshape", 2, {
    upgrade: (db, before) => {
      if (before < 1) db.createObjectStore("waiting", { keyPath: "id", autoIncrement: true });
      if (before < 2) db.createObjectStore("known");
    },
    blocking: (_now, _wanted, event) => (event.target as IDBDatabase).close(), // another tab has a newer page
    terminated: () => (opened = null),
  }));

export const viewer = (): string => document.body.dataset.viewer ?? "";
export const canKeep = (): boolean => viewer() !== "" && "indexedDB" in window;

/** Everything of this viewer's that the server has not accepted, oldest first. */
export const unsent = async (): Promise<Waiting[]> => (await (await store()).getAll("waiting")).filter((one) => one.viewer === viewer());

/** A key by which a repeat is recognized; also where the page came without HTTPS and the browser makes none. */
export function newKey(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
