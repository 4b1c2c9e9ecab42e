/* wasi-libc of Debian 12 has no setjmp. These programs never jump: a jump traps. */
#ifndef SETJMP_H
#define SETJMP_H
typedef int jmp_buf[1];
#define setjmp(buffer) ((void) (buffer), 0)
#define _setjmp(buffer) setjmp(buffer)
#define longjmp(buffer, value) ((void) (buffer), (void) (value), __builtin_trap())
#define _longjmp(buffer, value) longjmp(buffer, value)
#endif
