/** Prints how long `import` of the module that the argument names takes, in milliseconds. */
const start = performance.now();
await import(Deno.args[0]);
console.log(performance.now() - start);
