
const seen = [];
export function note(text) { seen.push(text); }
export function notes() { return seen.slice(); }
export function each(values, f) { values.forEach((value) => f(value)); }
