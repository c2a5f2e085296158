/**
 * Whether one word becomes the other by one letter put in, left out or changed, or by two neighbours swapped.
 * Damerau-Levenshtein distance of exactly 1.
 */
export function differsByOneLetter(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start += 1
  let end = 0
  while (
    end < Math.min(a.length, b.length) - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  )
    end += 1
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  if (x.length + y.length === 1 || (x.length === 1 && y.length === 1)) return true
  return x.length === 2 && y.length === 2 && x[0] === y[1] && x[1] === y[0]
}

/** A longer one is a slip of the keyboard, and has too many neighbours. */
const longestWord = 24

/** The word and all that is left of it without one letter. Words that differ by one letter share one of these. */
export function withoutOneLetter(word: string): ReadonlySet<string> {
  const rest = new Set([word])
  if (word.length > longestWord) return rest
  for (let at = 0; at < word.length; at += 1) rest.add(word.slice(0, at) + word.slice(at + 1))
  return rest
}
