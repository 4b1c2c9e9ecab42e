// The position independent part of mixed.c.
typedef unsigned u32;
extern u32 shared_data[10];
u32 shared_call(u32), third_call(u32);
u32 other_data[10] = {5, 6, 7};
u32 *other_pointer = &shared_data[2];
u32 (*const other_calls[2])(u32) = {shared_call, third_call};
static u32 hits;
u32 other_call(u32 x) { return x + other_data[2] + ++hits + shared_call(x); }
