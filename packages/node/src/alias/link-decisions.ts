/** What persons have decided about names. */
export interface LinkDecisions {
  /** Sets of names known to be one party. Sets that share a name are one. */
  readonly linked: readonly (readonly string[])[]
  /** Pairs that a person said are different parties; a whole and its part are different too. */
  readonly distinct: readonly (readonly [string, string])[]
}

/**
 * Whether linking the pair as one party would put two names into one party that a person said are different, be it
 * through other names. Also true when the decisions on these parties contradict each other already.
 */
export function conflictsWith(
  { linked, distinct }: LinkDecisions,
  pair: readonly [string, string],
): boolean {
  const partyOf = partiesOf([...linked, pair])
  const party = partyOf(pair[0])
  return distinct.some(([a, b]) => partyOf(a) === party && partyOf(b) === party)
}

/** One name for each party. */
export function partiesOf(linked: LinkDecisions['linked']): (name: string) => string {
  const { find, join } = createUnion()
  for (const names of linked) for (const name of names) join(names[0] ?? name, name)
  return find
}

/** Sets that grow together. `find` names a set by its least member in code units, whatever the order of joins. */
export function createUnion(): {
  readonly find: (item: string) => string
  readonly join: (a: string, b: string) => void
} {
  const parents = new Map<string, string>()
  const find = (item: string): string => {
    let root = item
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up
    for (let at = item; at !== root; ) {
      const next = parents.get(at) ?? root
      parents.set(at, root)
      at = next
    }
    return root
  }
  const join = (a: string, b: string): void => {
    const [least = a, other = b] = [find(a), find(b)].sort()
    if (least !== other) parents.set(other, least)
  }
  return { find, join }
}
