// what: distances between addresses in data (MEMORY_ADDR_LOCREL_I32)
// build: |
// build data-first: | --no-stack-first | 1024
// run: follow 0 = 11
// run: follow 1 = 22
// run: follow 2 = 33
	.functype follow (i32) -> (i32)
	.globl follow
	.export_name follow, follow
	.section .text.follow,"",@
follow:
	.functype follow (i32) -> (i32)
	.local i32
	local.get 0
	i32.const 2
	i32.shl
	i32.const distances
	i32.add
	local.tee 1
	local.get 1
	i32.load 0
	i32.add
	i32.load 0
	end_function
	.section .data.distances,"",@
	.p2align 2
distances:
	.int32 first-distances
	.int32 second-distances-4
	.int32 third-distances-8
	.size distances, 12
	.section .data.targets,"",@
	.p2align 2
first:
	.int32 11
	.size first, 4
second:
	.int32 22
	.size second, 4
	.section .data.far,"",@
	.p2align 2
	.skip 100
third:
	.int32 33
	.size third, 4
