# What LLVM makes of C++: throws and catches a tag of its own.
	.tagtype __cpp_exception i32
	.globl __cpp_exception
__cpp_exception:
	.globl thrower
	.functype thrower () -> (i32)
	.section .text.thrower,"",@
thrower:
	.functype thrower () -> (i32)
	i32.const 42
	throw __cpp_exception
	end_function

	.globl throw_slot
	.export_name throw_slot, throw_slot
	.section .text.throw_slot,"",@
throw_slot:
	.functype throw_slot () -> (i32)
	i32.const thrower
	end_function

# guard(function): what the function throws; 0 if it returns.
	.globl guard
	.export_name guard, guard
	.section .text.guard,"",@
guard:
	.functype guard (i32) -> (i32)
	block i32
	try_table (catch __cpp_exception 0)
	local.get 0
	call_indirect () -> (i32)
	drop
	end_try_table
	i32.const 0
	return
	end_block
	end_function
