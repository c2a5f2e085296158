/** Leaves that say nothing, told apart by a name. */
export const leavesOf = (name: string, count: number, text = '') =>
  Array.from({ length: count }, (_, i) => ({
    kind: 'pad' as const,
    jws: `${name} ${i}${text}`,
    salt: new Uint8Array(32),
    atMs: 1,
    feed: null,
    seq: null,
  }))
