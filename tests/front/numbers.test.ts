/** What the phone reads in a scan, by the cases that hold the server too (tests/orders/test_scanned.py). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Judge, numberIn, plain, wholeOf } from "../../frontend/src/bench-judge";
import cases from "../orders/scanned.json";

for (const { scanned, is } of cases.codes) test(`code in ${JSON.stringify(scanned)}`, () => assert.equal(plain(scanned), is));

for (const { scanned, is, known } of cases.numbers)
  test(`number in ${JSON.stringify(scanned)}`, () => assert.equal(numberIn(scanned, (number) => known?.includes(number) ?? false), is));

for (const { number, whole } of cases.shipments) test(`shipment of ${number}`, () => assert.equal(wholeOf(number), whole));

test("an older list answers nothing", () => {
  const number = "SF1234567890123";
  const parcels = { [number]: { code: "ok", asks: "waybill", tail: "" } };
  const judged = (age: number): string =>
    new Judge({ viewer: "1", fetchedAt: 0, passed: [], barcodes: {}, words: {}, parcels }).judge({ text: number, key: "1", into: false, pieces: 1, at: age }).code;
  assert.equal(judged(cases.listHours * 3_600_000), "ok");
  assert.equal(judged(cases.listHours * 3_600_000 + 1), "list_old");
});
