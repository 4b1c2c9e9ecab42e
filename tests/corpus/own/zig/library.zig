// what: Zig's library: formatting, ArrayList, maps, a fixed buffer allocator, sorting, a panic handler
// build: -O ReleaseSmall | --export-dynamic
// build fast: -O ReleaseFast | --export-dynamic
// build safe: -O ReleaseSafe | --export-dynamic
// libs: reactor
// run: format 42 = 1706362903
// run: sorted 100 = -889446686
// run: mapped 30 = 98004
// run: parsed 7 = 1242
const std = @import("std");

pub const panic = std.debug.no_panic;
var memory: [200000]u8 = undefined;
var state = std.heap.FixedBufferAllocator.init(&memory);

fn hash(start: u32, text: []const u8) u32 {
    var value = start;
    for (text) |byte| value = (value ^ byte) *% 0x01000193;
    return value;
}
export fn format(x: u32) u32 {
    var buffer: [100]u8 = undefined;
    const text = std.fmt.bufPrint(&buffer, "{d} {x:0>8} {s} {any} {d:.3}", .{ x, x, "word", .{ true, x }, 2.5 }) catch return 0;
    return hash(1, text);
}
export fn sorted(n: u32) u32 {
    const all = state.allocator().alloc(u32, n) catch return 0;
    defer state.allocator().free(all);
    for (all, 0..) |*each, i| each.* = @as(u32, @intCast(i)) *% 7919 % 1009;
    std.mem.sort(u32, all, {}, std.sort.asc(u32));
    var value: u32 = 1;
    for (all) |each| value = value *% 31 +% each;
    return value;
}
export fn mapped(n: u32) u32 {
    var map = std.StringHashMap(u32).init(state.allocator());
    defer map.deinit();
    const names = [_][]const u8{ "one", "two", "three", "four" };
    var i: u32 = 0;
    while (i < n) : (i += 1) {
        const entry = map.getOrPut(names[i % 4]) catch return 0;
        if (!entry.found_existing) entry.value_ptr.* = 0;
        entry.value_ptr.* += i;
    }
    return map.get("three").? * 1000 + map.count();
}
export fn parsed(x: u32) u32 {
    const number = std.fmt.parseInt(u32, "1234", 10) catch 0;
    const keyword = std.meta.stringToEnum(enum { alpha, beta, gamma }, "beta");
    return number + x + @intFromEnum(keyword.?);
}
