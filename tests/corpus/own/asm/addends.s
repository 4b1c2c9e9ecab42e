// what: negative addends and addends far beyond the symbol, in code and data; addresses at odd places in data
// build: |
// run: get 0 = 11
// run: get 1 = 22
// run: get 2 = 33
// run: direct = 66
// run: odd = 22
	.globl get
	.export_name get, get
	.section .text.get,"",@
get:
	.functype get (i32) -> (i32)
	local.get 0
	i32.const 2
	i32.shl
	i32.load pointers
	i32.const 1000
	i32.add
	i32.load 0
	end_function
	.globl direct
	.export_name direct, direct
	.section .text.direct,"",@
direct:
	.functype direct () -> (i32)
	i32.const values-70000
	i32.const 70004
	i32.add
	i32.load 0
	i32.const values+100000
	i32.const 100000
	i32.sub
	i32.load 0
	i32.add
	i32.const 8
	i32.load values
	i32.add
	end_function
	.globl odd
	.export_name odd, odd
	.section .text.odd,"",@
odd:
	.functype odd () -> (i32)
	i32.const unaligned
	i32.load 3:p2align=0
	i32.load 0
	end_function
	.section .data.pointers,"",@
	.p2align 2
pointers:
	.int32 values-1000
	.int32 values-996
	.int32 values-992
	.size pointers, 12
	.section .data.unaligned,"",@
unaligned:
	.int8 1
	.int8 2
	.int8 3
	.int32 values+4
	.int8 5
	.size unaligned, 8
	.section .data.values,"",@
	.p2align 2
values:
	.int32 11
	.int32 22
	.int32 33
	.size values, 12
