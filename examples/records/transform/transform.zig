//! Changes records in place, by pointer, wherever they are in the shared memory.

const std = @import("std");

/// The same layout as in `parser` and `stats`.
const Record = extern struct {
    name: [*]u8,
    name_len: u32,
    category: u32,
    quantity: u32,
    price: f32,
    total: f32,
    code: [8]u8,
};

/// A function of any module: a slot of the shared table.
const Test = *const fn (*const Record) callconv(.c) u32;

const Operation = struct {
    name: [:0]const u8,
    apply: *const fn (*Record, f32) void,
};

/// Statics that point to text and to functions: all of these addresses move with the module.
const operations = [_]Operation{
    .{ .name = "discount", .apply = discount },
    .{ .name = "restock", .apply = restock },
    .{ .name = "shout", .apply = shout },
};

/// How often each operation changed a record. In `.bss`.
var changed: [operations.len]u32 = @splat(0);

fn discount(record: *Record, percent: f32) void {
    record.price *= 1 - percent / 100;
    record.total = @as(f32, @floatFromInt(record.quantity)) * record.price;
}

fn restock(record: *Record, amount: f32) void {
    record.quantity += @intFromFloat(amount);
    record.total = @as(f32, @floatFromInt(record.quantity)) * record.price;
}

/// Writes through the record's pointer, into the text of whoever made it.
fn shout(record: *Record, _: f32) void {
    for (record.name[0..record.name_len]) |*letter| letter.* = std.ascii.toUpper(letter.*);
    for (&record.code) |*letter| letter.* = std.ascii.toUpper(letter.*);
}

export fn operation_count() u32 {
    return operations.len;
}

/// A zero terminated name.
export fn operation_name(which: u32) [*:0]const u8 {
    return if (which < operations.len) operations[which].name.ptr else "";
}

/// Applies an operation to every record that passes `wanted`, or to all. Returns how many.
export fn apply(which: u32, records: [*]Record, count: u32, value: f32, wanted: ?Test) u32 {
    if (which >= operations.len) return 0;
    const before = changed[which];
    for (records[0..count]) |*record| {
        if (wanted) |passes| if (passes(record) == 0) continue;
        operations[which].apply(record, value);
        changed[which] += 1;
    }
    return changed[which] - before;
}

/// How often an operation changed a record since the start.
export fn changes(which: u32) u32 {
    return if (which < operations.len) changed[which] else 0;
}

fn moreValuable(_: void, left: Record, right: Record) bool {
    return left.total > right.total;
}

/// The most valuable first; records of equal value keep their order.
export fn sort(records: [*]Record, count: u32) void {
    std.mem.sort(Record, records[0..count], {}, moreValuable);
}
