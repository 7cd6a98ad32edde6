// Numbers that look random and are the same for the same seed, so that every run of a sweep can be repeated.

/** A row of numbers from 0 up to but not including `bound`. */
export function randomOf(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    // splitmix32
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % bound;
  };
}

/** `count` numbers from `from` up to and including `to`, evenly spread, none twice. */
export function spread(from: number, to: number, count: number): number[] {
  const steps = Math.max(1, Math.min(count, to - from + 1) - 1);
  return [...new Set(Array.from({ length: steps + 1 }, (_, i) => from + Math.round(((to - from) * i) / steps)))];
}
