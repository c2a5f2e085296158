/** Names that somebody may have meant: they hold the text, or are few letters away. At most five, nearest first. */
export function closeNames(text: string, names: readonly string[]): readonly string[] {
  const wanted = fold(text)
  return [...new Set(names)]
    .map((name) => ({ name, far: distance(wanted, fold(name)) }))
    .filter(({ far }) => far <= 2)
    .toSorted((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, 5)
    .map(({ name }) => name)
}

const fold = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

function distance(a: string, b: string): number {
  if (a === b) return 0
  const edits = editDistance(a, b)
  if (edits <= Math.min(2, Math.floor(a.length / 3))) return edits
  return a.length > 2 && (b.includes(a) || a.includes(b)) && b.length > 2 ? 2 : 3
}

/** Letters to put in, leave out or change. @see Levenshtein 1965 */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const [left = 0, up = 0, corner = 0] = [next[j - 1], row[j], row[j - 1]]
      next.push(Math.min(left + 1, up + 1, corner + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}
