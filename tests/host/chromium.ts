/**
 * Debian's Chromium, started so that it asks nobody for anything.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- no dependency of the package
import { type Browser, chromium } from "npm:playwright-core@1.65.1";

/** Where the browser is. */
export const executablePath = "/usr/bin/chromium";

/** Starts the browser; the caller closes it. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}
