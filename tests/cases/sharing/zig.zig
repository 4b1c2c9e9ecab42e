//! Zig with its allocator for wasm.

const std = @import("std");

// [struct]
const Reading = extern struct {
    id: u32,
    value: f64,
    kind: u8,
    name: [*]const u8,
    name_len: u32,
    release: ?*const fn (*Reading) callconv(.c) void,

    comptime {
        std.debug.assert(@sizeOf(Reading) == 32 and @offsetOf(Reading, "name") == 20);
    }
};

const Text = extern struct { ptr: [*]const u8, len: u32 };
// [/struct]

export fn reading_count() u32 {
    return live;
}

// [out]
const allocator = std.heap.wasm_allocator; // takes its memory from `memory.grow`
var live: u32 = 0; // how many are out

export fn reading_free(r: *Reading) void {
    allocator.free(r.name[0..r.name_len]);
    allocator.destroy(r);
    live -= 1;
}

export fn reading_new(id: u32, name: [*]const u8, len: u32) ?*Reading {
    const copy = allocator.dupe(u8, name[0..len]) catch return null;
    const r = allocator.create(Reading) catch {
        allocator.free(copy);
        return null;
    };
    r.* = .{
        .id = id,
        .value = @as(f64, @floatFromInt(id)) * 1.5,
        .kind = 5,
        .name = copy.ptr,
        .name_len = len,
        .release = reading_free,
    };
    live += 1;
    return r;
}

export fn greeting(out: *Text) void {
    const text: []const u8 = "Grüße aus Zig";
    out.* = .{ .ptr = text.ptr, .len = text.len };
}
// [/out]

// [in]
export fn reading_check(r: *const Reading) u32 {
    var sum: u32 = r.id *% 31 +% r.kind +% @as(u32, @intFromFloat(r.value * 4));
    for (r.name[0..r.name_len]) |byte| sum = sum *% 31 +% byte;
    return sum;
}

export fn reading_scale(r: *Reading, by: f64) void {
    r.value *= by;
}

export fn reading_done(r: *Reading) void {
    r.release.?(r);
}
// [/in]

// [callback]
const Visit = *const fn (*const Reading, ?*anyopaque) callconv(.c) u32;

export fn reading_lend(id: u32, visit: Visit, context: ?*anyopaque) u32 {
    const name = "lent by Zig";
    const r: Reading = .{
        .id = id,
        .value = @as(f64, @floatFromInt(id)) * 1.5,
        .kind = 5,
        .name = name,
        .name_len = name.len,
        .release = null,
    };
    return visit(&r, context);
}

fn add(r: *const Reading, context: ?*anyopaque) callconv(.c) u32 {
    const sum: *u32 = @ptrCast(@alignCast(context.?));
    sum.* +%= reading_check(r);
    return sum.*;
}

export fn reading_visitor() Visit {
    return add;
}
// [/callback]
