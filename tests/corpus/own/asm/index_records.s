// what: function, global, table and type indices as records in custom sections and in data
// build: |
// run: used 5 = 1070
	.functype used (i32) -> (i32)
	.globl used
	.export_name used, used
	.globaltype counter, i32
	.globl counter
	.section .text.used,"",@
used:
	.functype used (i32) -> (i32)
	global.get counter
	local.get 0
	i32.add
	global.set counter
	global.get counter
	i32.const words
	i32.load 0
	i32.add
	local.get 0
	i32.const 100
	i32.gt_s
	if i32
	i32.const 0
	else
	i32.const 1000
	i32.const words
	i32.load 4
	call_indirect (i32) -> (i32)
	end_if
	i32.add
	end_function
	.section .data.words,"",@
	.p2align 2
words:
	.int32 30
	.int32 used
	.size words, 8
	.section .custom_section.places,"",@
	.int32 used@FUNCINDEX
	.int32 counter
	.int32 words
	.int32 used
	.section .text.counter,"",@
counter:
