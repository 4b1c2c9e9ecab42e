/** How far modules are moved. */
export const OFFSET = 0x100000;
