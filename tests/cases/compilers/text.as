// AssemblyScript. Its texts are UTF-16 with a header, so others get copies that end with a zero.
const table: StaticArray<string> = ["first of AssemblyScript", "second of AssemblyScript"];
const copies: ArrayBuffer[] = [
  String.UTF8.encode(table[0], true),
  String.UTF8.encode(table[1], true),
];

export function text(n: u32): usize {
  return changetype<usize>(copies[n % 2]);
}

export function length(text: usize): u32 {
  let size: u32 = 0;
  while (load<u8>(text + size)) size++;
  return size;
}

// For the caller, who pins it as long as it is used.
export function copy(text: usize): usize {
  const size = length(text) + 1;
  const block = new ArrayBuffer(size);
  memory.copy(changetype<usize>(block), text, size);
  return changetype<usize>(block);
}
