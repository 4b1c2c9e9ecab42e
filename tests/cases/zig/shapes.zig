//! Zig: slices in data, function pointers in data, a tagged union, `.bss`, its own sort.

const std = @import("std");

const names = [_][]const u8{ "north", "east", "south", "west" };
const nested = [_][]const []const u8{ &.{ "a", "bc" }, &.{}, &.{"def"} };

const Shape = union(enum) {
    square: u32,
    rectangle: struct { width: u32, height: u32 },
    named: *const [5]u8,
};
const shapes = [_]Shape{
    .{ .square = 3 },
    .{ .named = "hello" },
    .{ .rectangle = .{ .width = 4, .height = 5 } },
};

const Operation = *const fn (u32, u32) callconv(.c) u32;
fn add(a: u32, b: u32) callconv(.c) u32 {
    return a +% b;
}
fn mix(a: u32, b: u32) callconv(.c) u32 {
    return a *% 31 +% b + names[a % names.len].len;
}
const operations = [_]Operation{ add, mix };

var cells: [300]u32 = @splat(0);
var cursor: *u32 = &cells[299];
var heap: [4096]u8 = undefined;

fn checksum(start: u32, bytes: []const u8) u32 {
    var hash = start;
    for (bytes) |byte| hash = (hash ^ byte) *% 0x01000193;
    return hash;
}

export fn names_hash() u32 {
    var hash: u32 = 0x811c9dc5;
    for (names) |each| hash = checksum(hash, each);
    for (nested) |list| for (list) |each| {
        hash = checksum(hash, each);
    };
    return hash;
}

export fn name(which: u32) [*]const u8 {
    return names[which % names.len].ptr;
}

export fn area(which: u32) u32 {
    return switch (shapes[which % shapes.len]) {
        .square => |side| side * side,
        .rectangle => |r| r.width * r.height,
        .named => |letters| checksum(1, letters),
    };
}

export fn operate(which: u32, a: u32, b: u32) u32 {
    return operations[which % operations.len](a, b);
}

export fn operation_slot(which: u32) Operation {
    return operations[which % operations.len];
}

export fn call_slot(operation: Operation, a: u32, b: u32) u32 {
    return operation(a, b);
}

export fn step(value: u32) u32 {
    cursor.* +%= value;
    cursor = if (cursor == &cells[0]) &cells[299] else @ptrFromInt(@intFromPtr(cursor) - 4);
    var sum: u32 = 0;
    for (cells, 0..) |cell, at| sum +%= cell *% @as(u32, @intCast(at));
    return sum;
}

export fn sorted(count: u32) u32 {
    var fixed = std.heap.FixedBufferAllocator.init(&heap);
    const list = fixed.allocator().alloc(u32, count) catch return 0;
    var state: u32 = 99;
    for (list) |*item| {
        state = state *% 1664525 +% 1013904223;
        item.* = state >> 16;
    }
    std.mem.sort(u32, list, {}, std.sort.asc(u32));
    var hash: u32 = 0;
    for (list) |item| hash = hash *% 33 +% item;
    return hash;
}

export fn text(value: u32) u32 {
    var buffer: [64]u8 = undefined;
    const written = std.fmt.bufPrint(&buffer, "{d} is {x} of {s}", .{ value, value, names[value % 4] }) catch
        return 0;
    return checksum(0, written);
}
