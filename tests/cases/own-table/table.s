# A table of functions that the program declares itself. wasm-ld makes no table of its own here.
	.tabletype callbacks, funcref
	.globl callbacks
callbacks:

	.globl size
	.export_name size, size
size:
	.functype size () -> (i32)
	table.size callbacks
	end_function

	.globl more
	.export_name more, more
more:
	.functype more (i32) -> (i32)
	ref.null_func
	local.get 0
	table.grow callbacks
	end_function
