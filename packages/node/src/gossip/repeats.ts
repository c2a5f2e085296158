import type { OriginState, Seen } from './step.ts'

/**
 * Checkpoints that were heard and changed nothing. Everybody shows everybody the checkpoint of every log, so most of what is heard has
 * been heard: while all that it was compared with is as it was, to verify and compare it once more says the same.
 */
export interface Repeats {
  /** @param text of the checkpoint, without its signatures; @returns its size when it has been heard since anything changed */
  readonly sizeOf: (origin: string, text: string, now: OriginState | undefined) => number | null
  /** Heard, verified, and what is known of the origin is `after` as it was `before`. */
  readonly heard: (
    origin: string,
    text: string,
    size: number,
    before: OriginState | undefined,
    after: OriginState | undefined,
  ) => void
  /** The witness or admission of this node has seen more of the origin. */
  readonly forget: (origin: string) => void
}

/** A log shown by its accomplices at many sizes fills no more than this. */
const mostTexts = 16

export function createRepeats(): Repeats {
  const all = new Map<string, { readonly at: Standing; readonly sizes: Map<string, number> }>()
  return {
    sizeOf: (origin, text, now) => {
      const known = all.get(origin)
      return known === undefined || !isSame(known.at, standing(now))
        ? null
        : (known.sizes.get(text) ?? null)
    },
    heard: (origin, text, size, before, after) => {
      const at = standing(after)
      if (!isSame(standing(before), at)) return
      let known = all.get(origin)
      if (known === undefined || !isSame(known.at, at) || known.sizes.size >= mostTexts) {
        known = { at, sizes: new Map() }
        all.set(origin, known)
      }
      known.sizes.set(text, size)
    },
    forget: (origin) => void all.delete(origin),
  }
}

interface Standing {
  readonly held: Seen | null
  readonly challenged: Seen | null
  readonly forked: boolean
}
const standing = (now: OriginState | undefined): Standing => ({
  held: now?.held ?? null,
  challenged: now?.challenge?.seen ?? null,
  forked: now?.forked ?? false,
})
const isSame = (one: Standing, other: Standing): boolean =>
  one.held === other.held && one.challenged === other.challenged && one.forked === other.forked
