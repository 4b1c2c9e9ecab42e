// AssemblyScript: texts, arrays, maps, classes and closures without captures, all garbage collected.

class Word {
  next: Word | null = null;
  constructor(public text: string, public count: i32) {}
  weight(): i32 {
    return this.text.length * this.count;
  }
}

class Loud extends Word {
  weight(): i32 {
    return this.text.toUpperCase().charCodeAt(0) * this.count;
  }
}

const names: string[] = ["alpha", "beta", "gamma", "delta", "epsilon"];
const primes: StaticArray<i32> = [2, 3, 5, 7, 11, 13];
// Numbers that look like addresses of any of the links, and are none.
const decoys: StaticArray<i32> = [0x10000, 0x20000, 0x1110000, 65548, 131084, 1, 2, 3];
let kept: Word[] = [];
let counts: Map<string, i32> = new Map();

function hash(text: string): i32 {
  let state: i32 = 7;
  for (let i = 0; i < text.length; i++) state = (state ^ text.charCodeAt(i)) * 0x01000193;
  return state;
}

/** Counts words with a map of made texts. */
export function words(rounds: i32): i32 {
  counts.clear();
  for (let i = 0; i < rounds; i++) {
    const key = names[i % names.length] + (i % 7).toString();
    counts.set(key, counts.has(key) ? counts.get(key) + 1 : 1);
  }
  const keys = counts.keys().sort();
  let state = 0;
  for (let i = 0; i < keys.length; i++) state = state * 31 + hash(keys[i]) + counts.get(keys[i]);
  return state;
}

/** Makes `count` objects, keeps every hundredth, and lets the rest go. */
export function garbage(count: i32): i32 {
  kept = [];
  let head: Word | null = null;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const word: Word = i % 3 ? new Word("n" + i.toString(), i) : new Loud(names[i % names.length], i);
    if (i % 50 == 0) head = null;
    word.next = head;
    head = word;
    if (i % 100 == 0) kept.push(word);
    sum += word.weight();
  }
  return sum;
}

/** Whether what was kept is still as it was. */
export function check(): i32 {
  let sum = 0;
  for (let i = 0; i < kept.length; i++) sum = sum * 17 + hash(kept[i].text) + kept[i].weight();
  return sum;
}

type Operation = (a: i32, b: i32) => i32;
const operations: Operation[] = [
  (a: i32, b: i32): i32 => a + b,
  (a: i32, b: i32): i32 => a * b,
  (a: i32, b: i32): i32 => hash(names[(a + b) % names.length]),
];
export function operate(which: i32, a: i32, b: i32): i32 {
  return operations[which](a, b);
}

/** Sorts by a function that is passed. */
export function sorted(count: i32): i32 {
  const numbers = new Array<i32>(count);
  for (let i = 0; i < count; i++) numbers[i] = (i * 7919 + 13) % 1009;
  numbers.sort((a, b) => a - b);
  let state = 0;
  for (let i = 0; i < count; i++) state = state * 33 + numbers[i] * primes[i % primes.length];
  return state;
}

export function decoy(from: i32): i32 {
  let sum = 0x10008;
  for (let i = from; i < decoys.length; i++) sum += decoys[i] ^ 0x10020;
  return sum;
}

/** A memory that grows: bytes of a large array. */
export function large(size: i32): i32 {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i += 997) bytes[i] = i as u8;
  let sum = 0;
  for (let i = 0; i < size; i++) sum += bytes[i];
  return sum;
}

/** A text of a template, and an error that is not thrown. */
export function text(value: i32): i32 {
  if (value < 0) throw new RangeError("the value is negative");
  return hash(`${names[value % names.length]}: ${value * 3} of ${counts.size}`);
}
