// what: Zig: tables made at compile time, names of errors and tags, tagged unions, function pointers
// build: -O ReleaseSmall | --export-dynamic
// build fast: -O ReleaseFast | --export-dynamic
// build debug: -O Debug | --export-dynamic
// build safe: -O ReleaseSafe | --export-dynamic
// build simd: -O ReleaseFast -mcpu=generic+simd128+bulk_memory | --export-dynamic
// build pic: -O ReleaseSmall -fPIC | --export-dynamic
// run: square 12 = 144
// run: error_name 0 = -252213969
// run: error_name 1 = -153726700
// run: error_name 2 = -1327491214
// run: tag 1 = -762381016
// run: area 0 = 9
// run: area 1 = -303463926
// run: area 2 = 49
// run: operate 0 5 = 1057202263
// run: operate 2 5 = 490560506
// run: count 3 = 7
// run: count 4 = 15
// run: slices = -305391768
// run: find 3 = 8
const Failure = error{ OutOfLuck, Broken, NotFound };

const squares = blk: {
    var made: [100]u32 = undefined;
    for (&made, 0..) |*each, i| each.* = @as(u32, i) * @as(u32, i);
    break :blk made;
};
const Direction = enum { north, east, south, west };
const Shape = union(enum) { square: u32, named: []const u8, next: *const u32 };
const shapes = [_]Shape{ .{ .square = 3 }, .{ .named = "triangle" }, .{ .next = &squares[7] } };
const Operation = struct { name: []const u8, call: *const fn (u32) u32 };
fn double(x: u32) u32 {
    return x *% 2;
}
fn lookup(x: u32) u32 {
    return squares[x % 100];
}
fn bump(x: u32) u32 {
    counter +%= x;
    return counter;
}
const operations = [_]Operation{
    .{ .name = "double", .call = &double },
    .{ .name = "lookup", .call = &lookup },
    .{ .name = "bump", .call = &bump },
};
var counter: u32 = 5;
var cells: [1000]u32 = @splat(0);
var cursor: [*]u32 = &cells;
var picked: ?*const Operation = null;

fn hash(start: u32, text: []const u8) u32 {
    var state = start;
    for (text) |byte| state = (state ^ byte) *% 0x01000193;
    return state;
}
fn failing(at: u32) Failure!u32 {
    return switch (at) {
        0 => error.OutOfLuck,
        1 => error.Broken,
        2 => error.NotFound,
        else => at,
    };
}
export fn square(at: u32) u32 {
    return squares[at % 100];
}
export fn error_name(at: u32) u32 {
    const value = failing(at) catch |err| return hash(1, @errorName(err));
    return value;
}
export fn tag(at: u32) u32 {
    const direction: Direction = @enumFromInt(at % 4);
    return hash(1, @tagName(direction));
}
export fn area(at: u32) u32 {
    return switch (shapes[at % 3]) {
        .square => |side| side * side,
        .named => |name| hash(2, name),
        .next => |pointer| pointer.*,
    };
}
export fn operate(at: u32, x: u32) u32 {
    picked = &operations[at % 3];
    return hash(picked.?.call(x), picked.?.name);
}
export fn count(by: u32) u32 {
    cursor[by] += by;
    cursor += 1;
    var sum: u32 = 0;
    for (cells) |cell| sum +%= cell;
    return sum + @as(u32, @intCast(@intFromPtr(cursor) - @intFromPtr(&cells)));
}
export fn slices() u32 {
    var state: u32 = 1;
    for (operations) |operation| state = hash(state, operation.name);
    const parts: []const []const u8 = &.{ "one", "two", "three" };
    for (parts[1..]) |part| state = hash(state, part);
    return state;
}
export fn find(at: u32) u32 {
    const map = .{ .{ "a", 1 }, .{ "bb", 2 } };
    var sum: u32 = at;
    inline for (map) |pair| sum += pair[0].len * pair[1];
    return sum;
}
