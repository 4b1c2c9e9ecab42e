/**
 * The program `wasm-share`. Asks for no permission but to read the modules and the config, and to
 * write the output folder.
 *
 * @module
 */
import process from "node:process";
import { main } from "./cli.ts";

process.exitCode = await main(process.argv.slice(2));
