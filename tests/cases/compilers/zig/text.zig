//! Zig, freestanding.

const table = [_][*:0]const u8{ "first of Zig", "second of Zig" };

export fn text(n: u32) [*:0]const u8 {
    return table[n % 2];
}

export fn length(of: [*:0]const u8) u32 {
    var n: u32 = 0;
    while (of[n] != 0) n += 1;
    return n;
}
