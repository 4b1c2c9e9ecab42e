// what: memory.copy, memory.fill and tail calls with static addresses; an address in an i64 store's offset
// build: -mbulk-memory -mtail-call -msimd128 |
// build data-first: -mbulk-memory -mtail-call -msimd128 | --no-stack-first | 1024
// run: copied 3 = 104
// run: filled 9 = 909
// run: tail 5 = 41
// run: offset 8 = 77
	.functype get (i32) -> (i32)
	.globl copied
	.export_name copied, copied
	.section .text.copied,"",@
copied:
	.functype copied (i32) -> (i32)
	i32.const to
	i32.const from
	i32.const 8
	memory.copy 0, 0
	local.get 0
	i32.load8_u to
	i32.const 0
	i32.load8_u to+7
	i32.add
	end_function
	.globl filled
	.export_name filled, filled
	.section .text.filled,"",@
filled:
	.functype filled (i32) -> (i32)
	i32.const to+4
	local.get 0
	i32.const 4
	memory.fill 0
	i32.const 0
	i32.load8_u to+5
	i32.const 101
	i32.mul
	end_function
	.globl tail
	.export_name tail, tail
	.section .text.tail,"",@
tail:
	.functype tail (i32) -> (i32)
	local.get 0
	i32.const pointer
	i32.load 0
	return_call_indirect (i32) -> (i32)
	end_function
	.section .text.get,"",@
get:
	.functype get (i32) -> (i32)
	local.get 0
	i32.const 36
	i32.add
	end_function
	.globl offset
	.export_name offset, offset
	.section .text.offset,"",@
offset:
	.functype offset (i32) -> (i32)
	local.get 0
	i64.const 77
	i64.store wide-8
	i32.const 0
	v128.load wide
	i32x4.extract_lane 0
	end_function
	.section .data.from,"",@
from:
	.int8 1
	.int8 2
	.int8 3
	.int8 4
	.int8 5
	.int8 6
	.int8 7
	.int8 100
	.size from, 8
	.section .data.pointer,"",@
	.p2align 2
pointer:
	.int32 get
	.size pointer, 4
	.section .bss.to,"",@
to:
	.skip 16
	.size to, 16
	.section .bss.wide,"",@
	.p2align 4
wide:
	.skip 16
	.size wide, 16
