// what: mutable and immutable globals of the program's own, with values that look like addresses
// build: |
// build exported: | --export=number --export=place --no-check-features
// build stripped: | --strip-all
// run: bump 5 = 1005
// run: bump 6 = 1011
// run: looks = 65540
// run: wide = 65537.5
	.globaltype number, i32
	.globl number
number:
	.globaltype large, i64
	.globl large
large:
	.globaltype real, f64
	.globl real
real:
	.globaltype __stack_pointer, i32
	.functype bump (i32) -> (i32)
	.globl bump
	.export_name bump, bump
	.section .text.bump,"",@
bump:
	.functype bump (i32) -> (i32)
	.local i32
	global.get __stack_pointer
	i32.const 16
	i32.sub
	local.tee 1
	global.set __stack_pointer
	local.get 1
	global.get number
	local.get 0
	i32.add
	i32.store 8
	local.get 1
	i32.load 8
	global.set number
	local.get 1
	i32.const 16
	i32.add
	global.set __stack_pointer
	global.get number
	i32.const place+8
	i32.load 0
	i32.load 0
	i32.add
	end_function
	.functype looks () -> (i32)
	.globl looks
	.export_name looks, looks
	.section .text.looks,"",@
looks:
	.functype looks () -> (i32)
	i32.const 65540
	end_function
	.functype wide () -> (f64)
	.globl wide
	.export_name wide, wide
	.section .text.wide,"",@
wide:
	.functype wide () -> (f64)
	i64.const 65537
	global.set large
	global.get real
	global.get large
	f64.convert_i64_s
	f64.add
	f64.const 0.5
	f64.add
	global.set real
	global.get real
	end_function
	.section .data.place,"",@
	.globl place
	.p2align 2
place:
	.int32 1000
	.int32 65536
	.int32 place
	.size place, 12
