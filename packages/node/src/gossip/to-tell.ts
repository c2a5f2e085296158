import { utf8 } from '@entente/schema'
import type { ForkEvidence } from '../witness/fork-evidence.ts'
import { MOST_GOSSIP_BYTES, MOST_TOLD, type SeenFrame } from './frames.ts'
import type { Seen } from './step.ts'

/** What there is to tell a partner. */
export interface ToTell {
  readonly checkpoints: readonly Telling<string>[]
  readonly forks: readonly Telling<Fork>[]
}
interface Telling<T> {
  /** By which it is known whether the partner knows it. */
  readonly text: string
  readonly told: T
  /** Bytes in a frame. */
  readonly size: number
}
type Fork = SeenFrame['forks'][number]

/**
 * Everything held is told to everybody, so it is not cut and measured again and again.
 * @param cut what of a note is told
 */
export function createToTell(
  cut: (origin: string, note: string) => string,
): (seen: readonly SeenOf[], forks: readonly ForkEvidence[]) => ToTell {
  const told = new WeakMap<Seen, ToTell['checkpoints'][number]>()
  const toldOf = ({ origin, seen }: SeenOf) => {
    const known = told.get(seen) ?? telling(textOf(seen.note), cut(origin, seen.note))
    told.set(seen, known)
    return known
  }
  /** One of each log at the most. */
  const evidence = new Map<string, ToTell['forks'][number]>()
  const evidenceOf = ({ origin, first, second }: ForkEvidence) => {
    const whole = evidenceText({ first, second })
    const fork = () => ({ first: cut(origin, first), second: cut(origin, second) })
    const known = evidence.get(whole) ?? forkTelling(fork())
    evidence.set(whole, known)
    return known
  }
  return (seen, forks) => ({ checkpoints: seen.map(toldOf), forks: forks.map(evidenceOf) })
}
const telling = <T>(text: string, told: T): Telling<T> => ({
  text,
  told,
  size: utf8(JSON.stringify(told)).length + 1,
})
const forkTelling = (fork: Fork) => telling(evidenceText(fork), fork)
interface SeenOf {
  readonly origin: string
  readonly seen: Seen
}

export const textsOf = ({ checkpoints, forks }: ToTell): readonly string[] =>
  [...forks, ...checkpoints].map(({ text }) => text)

/** All but checkpoints and forks takes far less. */
const ROOM = MOST_GOSSIP_BYTES - 1_024

/**
 * The notes and evidence of what there is to tell, or those of these texts alone, as much as partners take in one frame: forks first.
 * @returns the texts of what is told, too
 */
export function framed(
  { checkpoints, forks }: ToTell,
  wanted: readonly string[] | null = null,
): Pick<SeenFrame, 'checkpoints' | 'forks'> & { readonly texts: readonly string[] } {
  const named = wanted === null ? null : new Set(wanted)
  const texts: string[] = []
  let left = ROOM
  const fitting = <T>(all: readonly Telling<T>[]): T[] => {
    const fits: T[] = []
    for (const { text, told, size } of all) {
      if (fits.length === MOST_TOLD) break
      if (named?.has(text) === false || size > left) continue
      left -= size
      fits.push(told)
      texts.push(text)
    }
    return fits
  }
  return { forks: fitting(forks), checkpoints: fitting(checkpoints), texts }
}

/** Texts that we would tell a partner and that it has told: whatever else it may name takes no room here. */
export function toldByBoth(ours: ToTell, { checkpoints, forks }: SeenFrame): readonly string[] {
  const theirs = new Set([...checkpoints.map(textOf), ...forks.map(evidenceText)])
  return textsOf(ours).filter((text) => theirs.has(text))
}

/** A checkpoint without its signatures. */
export const textOf = (note: string): string => note.slice(0, note.lastIndexOf('\n\n') + 1)
const evidenceText = ({ first, second }: Fork) => `${first}\n${second}`
