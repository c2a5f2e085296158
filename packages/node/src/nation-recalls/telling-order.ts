import { type Nation, peekJws, rootRecallType } from '@entente/schema'

/** Who says a recall. */
export interface Told {
  readonly nation: Nation
  readonly isByRoot: boolean
}

/**
 * Recalls as they are told, of which a frame that is full leaves out the first: those of nodes, of every nation the newest last, so that
 * no nation crowds out another; then those of roots.
 * @param known by seal, in the order in which they came
 */
export function inTellingOrder(known: ReadonlyMap<string, Told>): readonly string[] {
  const seals = [...known]
  const byNodes = seals.filter(([, { isByRoot }]) => !isByRoot)
  const newestFirst = Map.groupBy(byNodes.toReversed(), ([, { nation }]) => nation)
  const rank = new Map(
    [...newestFirst.values()].flatMap((of) => of.map(([seal], place) => [seal, place] as const)),
  )
  const ranked = byNodes
    .map(([seal]) => seal)
    .sort((a, b) => (rank.get(b) ?? 0) - (rank.get(a) ?? 0))
  return [...ranked, ...seals.flatMap(([seal, { isByRoot }]) => (isByRoot ? [seal] : []))]
}

/** As they are taken in: what roots say does not wait behind what nodes say. */
export const rootsFirst = (seals: readonly string[]): readonly string[] =>
  seals.toSorted((a, b) => Number(isRootWord(b)) - Number(isRootWord(a)))

/** Whether it says that a root has signed it. */
export function isRootWord(seal: string): boolean {
  try {
    return peekJws(seal).typ === rootRecallType
  } catch {
    return false
  }
}
