/** The part of `@std/path` that this repository uses. */
export declare function basename(path: string | URL, suffix?: string): string;
export declare function dirname(path: string | URL): string;
export declare function extname(path: string | URL): string;
export declare function fromFileUrl(url: string | URL): string;
export declare function isAbsolute(path: string): boolean;
export declare function join(path: string | URL, ...paths: string[]): string;
export declare function normalize(path: string | URL): string;
export declare function relative(from: string, to: string): string;
export declare function resolve(...paths: string[]): string;
export declare function toFileUrl(path: string): URL;
export declare const SEPARATOR: "/" | "\\";
