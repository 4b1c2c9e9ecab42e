// what: tables of the program's own beside the function table: table.get, table.set, table.grow, ref.func
// build: -mreference-types -mbulk-memory | --import-table
// build growable: -mreference-types -mbulk-memory | --import-table --growable-table
// build defined: -mreference-types -mbulk-memory |
// run: fill 3 = 5
// run: call 1 6 = 36
// run: by_reference 6 = 36
// run: indirect 0 6 = 12
	.tabletype own_table, funcref
	.globl own_table
own_table:
	.tabletype __indirect_function_table, funcref
	.functype twice (i32) -> (i32)
	.functype square (i32) -> (i32)
	.section .text.twice,"",@
twice:
	.functype twice (i32) -> (i32)
	local.get 0
	i32.const 1
	i32.shl
	end_function
	.section .text.square,"",@
square:
	.functype square (i32) -> (i32)
	local.get 0
	local.get 0
	i32.mul
	end_function
	.globl fill
	.export_name fill, fill
	.section .text.fill,"",@
fill:
	.functype fill (i32) -> (i32)
	i32.const pointers
	i32.load 0
	table.get __indirect_function_table
	i32.const 2
	table.grow own_table
	drop
	i32.const pointers
	i32.load 4
	table.get __indirect_function_table
	local.get 0
	table.grow own_table
	drop
	table.size own_table
	end_function
	.globl call
	.export_name call, call
	.section .text.call,"",@
call:
	.functype call (i32, i32) -> (i32)
	local.get 1
	local.get 0
	i32.const 1
	i32.add
	call_indirect own_table, (i32) -> (i32)
	end_function
	.globl by_reference
	.export_name by_reference, by_reference
	.section .text.by_reference,"",@
by_reference:
	.functype by_reference (i32) -> (i32)
	i32.const 0
	ref.func square
	table.set own_table
	local.get 0
	i32.const 0
	call_indirect own_table, (i32) -> (i32)
	end_function
	.globl indirect
	.export_name indirect, indirect
	.section .text.indirect,"",@
indirect:
	.functype indirect (i32, i32) -> (i32)
	local.get 1
	local.get 0
	i32.const 2
	i32.shl
	i32.const pointers
	i32.add
	i32.load 0
	call_indirect __indirect_function_table, (i32) -> (i32)
	end_function
	.section .data.pointers,"",@
	.p2align 2
pointers:
	.int32 twice
	.int32 square
	.size pointers, 8
