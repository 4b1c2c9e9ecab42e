// The ordinary part of mixed.c.
typedef unsigned u32;
extern u32 other_data[10];
u32 other_call(u32);
u32 third_data[10] = {50, 60, 70};
static u32 (*volatile next)(u32) = other_call;
u32 third_call(u32 x) { return next(x) + other_data[1] + third_data[2]; }
