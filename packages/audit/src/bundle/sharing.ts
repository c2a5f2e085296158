/** Texts, and lists of them, that are kept to be found again. */
const MOST = 1 << 16
/** Longer lists do not come twice. */
const LONGEST = 64

/**
 * Has equal texts and lists of texts stand in memory once. A log says the same names, digests and lists of fields again and
 * again, and each line that is read brings copies of its own.
 * @param longest objects whose JSON is no longer stand in memory once as well; 0: none
 * @returns what copies a parsed JSON value out of shared parts
 */
export function createSharing(longest = 0): <T>(value: T) => T {
  const texts = new Map<string, string>()
  const lists = new Map<string, readonly string[]>()
  const objects = new Map<string, object>()
  const share = (value: unknown): unknown => {
    if (typeof value === 'string') return keptIn(texts, value, value)
    if (value === null || typeof value !== 'object') return value
    if (!Array.isArray(value)) {
      const parts = Object.entries(value).map(([name, part]) => [name, share(part)])
      const object = Object.fromEntries(parts)
      const key = longest === 0 ? '' : JSON.stringify(object)
      return key.length > longest || longest === 0 ? object : keptIn(objects, key, object)
    }
    const list = value.map(share)
    if (list.length > LONGEST || !list.every((part) => typeof part === 'string')) return list
    return keptIn(lists, JSON.stringify(list), list)
  }
  return share as <T>(value: T) => T
}

/** The one kept under a key, or else this one from now on. */
function keptIn<V>(kept: Map<string, V>, key: string, value: V): V {
  const known = kept.get(key)
  if (known !== undefined) return known
  // What comes but once, such as most digests, must not be kept for ever.
  if (kept.size >= MOST) kept.clear()
  kept.set(key, value)
  return value
}
