# Symbols that share an address, and one of size 0.
	.section .data.aliases,"",@
	.globl first_name
	.globl second_name
	.globl inside_name
	.globl empty_here
	.globl after_empty
	.p2align 2
first_name:
second_name:
	.int32 1111
	.int32 2222
inside_name:
	.int32 3333
	.int32 4444
	.size first_name, 16
	.size second_name, 12
	.size inside_name, 8
empty_here:
	.size empty_here, 0
after_empty:
	.int8 7
	.size after_empty, 1
