// what: tags of the program's own, thrown with an address
// build: -mexception-handling -mreference-types |
// build exported: -mexception-handling -mreference-types | --export-all | | t
// run: caught 0 = 7
// run: caught 1 = 44
	.tagtype mine i32
	.globl mine
mine:
	.functype risky (i32) -> ()
	.section .text.risky,"",@
risky:
	.functype risky (i32) -> ()
	local.get 0
	if
	i32.const payload+4
	throw mine
	end_if
	end_function
	.globl caught
	.export_name caught, caught
	.section .text.caught,"",@
caught:
	.functype caught (i32) -> (i32)
	block i32
	try_table (catch mine 0)
	local.get 0
	call risky
	end_try_table
	i32.const 7
	return
	end_block
	i32.load 0
	end_function
	.section .rodata.payload,"",@
	.p2align 2
payload:
	.int32 33
	.int32 44
	.size payload, 8
