	.tabletype __indirect_function_table, funcref
	.globl grow_by
	.type grow_by,@function
grow_by:
	.functype grow_by (i32) -> (i32)
	ref.null_func
	local.get 0
	table.grow __indirect_function_table
	end_function

	.globl append_copy
	.type append_copy,@function
append_copy:
	.functype append_copy (i32) -> (i32)
	local.get 0
	table.get __indirect_function_table
	i32.const 1
	table.grow __indirect_function_table
	end_function
