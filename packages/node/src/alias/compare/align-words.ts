import type { Word } from '../name/name-tokens.ts'
import { differsByOneLetter } from './one-letter.ts'

/** How far two lists of words say the same from their start on. */
export interface Alignment {
  /** Words of the first list that are matched. */
  readonly shared: readonly Word[]
  /** Words of the second list that match them. */
  readonly sharedB: readonly Word[]
  /** `GEN ~ GENERAL` */
  readonly shortened: readonly string[]
  /** `GRUMAN ~ GRUMMAN` */
  readonly misspelt: readonly string[]
  /** `OTS ~ ORDNANCE TACTICAL SYSTEMS` */
  readonly initials: readonly string[]
  readonly restA: readonly Word[]
  readonly restB: readonly Word[]
}

/** Two lists of company words, each followed by legal forms, which initials may stand for as well. */
export function alignWords(
  a: readonly Word[],
  b: readonly Word[],
  legalA: readonly string[] = [],
  legalB: readonly string[] = [],
): Alignment {
  const found = { shortened: [] as string[], misspelt: [] as string[], initials: [] as string[] }
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i] as Word, b[j] as Word]
    const kind = matchOf(x, y, i > 0 && j > 0)
    if (kind !== undefined) {
      if (kind !== 'same') found[kind].push(`${x.raw} ~ ${y.raw}`)
      ;[i, j] = [i + 1, j + 1]
      continue
    }
    const spaced = x.raw === rawOf(b.slice(j, j + 2)) ? [1, 2] : [2, 1]
    if (spaced[0] === 1 || y.raw === rawOf(a.slice(i, i + 2))) {
      ;[i, j] = [i + (spaced[0] ?? 0), j + (spaced[1] ?? 0)]
      continue
    }
    const inB = wordsOfInitials(x.raw, b.slice(j), legalB)
    const inA = inB > 0 ? 0 : wordsOfInitials(y.raw, a.slice(i), legalA)
    if (inA + inB === 0) break
    const words = inB > 0 ? b.slice(j, j + inB) : a.slice(i, i + inA)
    found.initials.push(`${inB > 0 ? x.raw : y.raw} ~ ${words.map(({ raw }) => raw).join(' ')}`)
    ;[i, j] = inB > 0 ? [i + 1, j + inB] : [i + inA, j + 1]
  }
  return {
    ...found,
    shared: a.slice(0, i),
    sharedB: b.slice(0, j),
    restA: a.slice(i),
    restB: b.slice(j),
  }
}

const rawOf = (words: readonly Word[]): string => words.map(({ raw }) => raw).join('')

function matchOf(
  x: Word,
  y: Word,
  behindFirst: boolean,
): 'same' | 'shortened' | 'misspelt' | undefined {
  if (x.raw === y.raw) return 'same'
  const oneLetter =
    Math.min(x.raw.length, y.raw.length) >= 5 &&
    /^\p{L}+$/u.test(x.raw + y.raw) &&
    x.raw[0] === y.raw[0] &&
    differsByOneLetter(x.raw, y.raw)
  if (oneLetter) return 'misspelt'
  if (x.form === y.form) return 'shortened'
  const [short, long] = x.raw.length < y.raw.length ? [x.raw, y.raw] : [y.raw, x.raw]
  const begins = /^\p{L}{3,}$/u.test(short) && long.startsWith(short)
  return behindFirst && begins ? 'shortened' : undefined
}

/**
 * How many words, two at least, letters stand for from the first word on; 0 if they do not. A word of up to four letters
 * may stand there as a whole: GDOTS is General Dynamics OTS. Legal forms may be meant too: NGC.
 */
function wordsOfInitials(
  letters: string,
  words: readonly Word[],
  legal: readonly string[] = [],
): number {
  if (!/^\p{L}{2,7}$/u.test(letters)) return 0
  const raws = [...words.map(({ raw }) => raw), ...legal]
  const from = (at: number, rest: string): number => {
    if (rest === '') return at
    const raw = raws[at]
    if (raw === undefined) return 0
    const single = raw[0] === rest[0] ? from(at + 1, rest.slice(1)) : 0
    if (single > 0) return single
    return raw.length > 1 && raw.length <= 4 && rest.startsWith(raw)
      ? from(at + 1, rest.slice(raw.length))
      : 0
  }
  const count = from(0, letters)
  return count < 2 ? 0 : Math.min(count, words.length)
}

/** Whether letters are the beginnings of two words or more in their order, the first among them: SPAWAR, LEAD, BGRC. */
export function isShortOf(text: string, words: readonly Word[]): boolean {
  const letters = text.toUpperCase()
  const failed = new Set<string>()
  const from = (at: number, rest: string, used: number): boolean => {
    const raw = words[at]?.raw
    if (rest === '' || raw === undefined) return rest === '' && used > 1
    const state = `${at} ${rest} ${used > 1}`
    if (failed.has(state)) return false
    for (
      let length = 1;
      length <= rest.length && raw.startsWith(rest.slice(0, length));
      length += 1
    )
      if (from(at + 1, rest.slice(length), used + 1)) return true
    if (used > 0 && from(at + 1, rest, used)) return true
    failed.add(state)
    return false
  }
  return /^\p{L}{2,9}$/u.test(letters) && from(0, letters, 0)
}
