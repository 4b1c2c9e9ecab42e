const std = @import("std");

pub fn build(b: *std.Build) void {
    const module = b.createModule(.{
        .root_source_file = b.path("text.zig"),
        .target = b.resolveTargetQuery(.{ .cpu_arch = .wasm32, .os_tag = .freestanding }),
        .optimize = .ReleaseSmall,
        .strip = true,
    });
    // [link]
    const object = b.addObject(.{ .name = "text", .root_module = module });
    object.bundle_compiler_rt = true;
    const link = b.addSystemCommand(&.{ "wasm-ld", "--no-entry", "--export-dynamic", "--emit-relocs" });
    link.addFileArg(object.getEmittedBin());
    link.addArg("-o");
    const wasm = link.addOutputFileArg("text.wasm");
    b.getInstallStep().dependOn(&b.addInstallBinFile(wasm, "text.wasm").step);
    // [/link]
}
