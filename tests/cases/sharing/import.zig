//! Calls a module called `store` by name, from Zig.

const Reading = extern struct {
    id: u32,
    value: f64,
    kind: u8,
    name: [*]const u8,
    name_len: u32,
    release: ?*const fn (*Reading) callconv(.c) void,
};

// [import]
extern "store" fn reading_new(id: u32, name: [*]const u8, len: u32) ?*Reading;
extern "store" fn reading_free(r: *Reading) void;

export fn visit_store(id: u32) f64 {
    const name: []const u8 = "Füße";
    const r = reading_new(id, name.ptr, name.len) orelse return -1;
    defer reading_free(r); // the owner's own function
    return r.value;
}
// [/import]
