/**
 * Modules that must be refused and that no tool makes: good ones of `tests/cases/refuse`, each with
 * one thing wrong, and small ones written by hand. Every fault is made when it is asked for.
 *
 * @module
 */
import { moduleAt } from "../host/cases.ts";
import { counts } from "./counts.ts";
import type { Fault } from "./edit.ts";
import { features, noModules } from "./features.ts";
import { dataRecords, goneRecords } from "./data_records.ts";
import { codeRecords, hiddenRecord, unlisted } from "./records.ts";
import { sectionFaults } from "./sections.ts";
import { symbols } from "./symbols.ts";

/** All of them. */
export function faults(): Fault[] {
  const good = moduleAt("refuse/sites.wasm");
  return [
    ...codeRecords(good),
    ...dataRecords(good),
    ...goneRecords(good, moduleAt("refuse/pointers.wasm"), moduleAt("refuse/debug.wasm")),
    hiddenRecord(good),
    ...unlisted(),
    ...symbols(good),
    ...sectionFaults(good),
    ...counts(good),
    ...features(),
    ...noModules(good),
  ];
}
