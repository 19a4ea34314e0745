/** Whether a number was scanned or typed, and the keys by which a repeat is recognized. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isScanned } from "../../frontend/src/method";
import { newKey } from "../../frontend/src/queue/store";

const every = (pause: number, length: number): number[] => Array.from({ length }, (_, n) => n * pause);

test("what comes faster than anybody types was scanned", () => assert.ok(isScanned(15, every(10, 15), false)));
test("what comes in one piece was scanned", () => assert.ok(isScanned(15, [], true)));
test("one slow character makes it typed", () => assert.ok(!isScanned(15, [...every(10, 14), 999], false)));
test("a text that was changed in between was typed", () => assert.ok(!isScanned(15, every(10, 14), false)));
test("a few characters may be typed that fast", () => assert.ok(!isScanned(5, every(10, 5), true)));

const KEY = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a key is another each time, also where the browser makes none", () => {
  const here = Object.getOwnPropertyDescriptor(globalThis, "crypto")!;
  const keys = [newKey(), newKey()];
  Object.defineProperty(globalThis, "crypto", { configurable: true, value: { getRandomValues: crypto.getRandomValues.bind(crypto) } });
  keys.push(newKey(), newKey());
  Object.defineProperty(globalThis, "crypto", here);
  keys.forEach((key) => assert.match(key, KEY));
  assert.equal(new Set(keys).size, 4);
});
