// what: the older encoding of exceptions
// build: -mexception-handling |
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
	try i32
	local.get 0
	call risky
	i32.const 7
	catch mine
	i32.load 0
	end_try
	end_function
	.section .rodata.payload,"",@
	.p2align 2
payload:
	.int32 33
	.int32 44
	.size payload, 8
