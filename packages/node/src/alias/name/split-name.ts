/** What stands in brackets, and the text without it and behind it. */
export interface Bracketed {
  readonly text: string
  readonly inside: readonly string[]
  readonly behind: string
}

/**
 * Takes out brackets, also one that is never closed. A single character in brackets that more letters or digits
 * touch is part of a designation (`ALR-67(V)3`) and stays.
 */
export function takeBrackets(name: string): Bracketed {
  const text = name.replace(/\((\w)\)(?=\w)/g, '$1')
  const open = text.indexOf('(')
  if (open <= 0) return { text, inside: [], behind: '' }
  const close = text.lastIndexOf(')')
  const end = close < open ? text.length : close
  const [before, after] = [text.slice(0, open).trim(), text.slice(end + 1).trim()]
  const inside = text.slice(open + 1, end).split(/\)\s*\(?|\(/)
  // `SWITCH (SSSA) - RAYTHEON`: what a sign begins goes on as if there were no brackets.
  const goesOn = /^[-–—/@,&]/.test(after)
  return {
    text: goesOn ? `${before} ${after}` : before,
    inside: inside.map((part) => part.trim()).filter((part) => part !== ''),
    behind: goesOn ? '' : after,
  }
}

const parts = (text: string, at: RegExp): readonly string[] =>
  text
    .split(at)
    .map((part) => part.trim())
    .filter((part) => /[\p{L}\p{N}]/u.test(part))

/**
 * Parts at dashes: with a space on one side, doubled, long or behind a legal form. `Raytheon - ECP 10` and
 * `BAE Systems LP-Fasteners`, not `Bell-Boeing`.
 */
export const atDashes = (text: string): readonly string[] =>
  parts(text, /\s*(?:--+|[–—])\s*|\s+-\s*|-\s+|(?<=\b(?:inc|corp|llc|ltd|lp|plc|gmbh)\.?)-/i)

/** Parts at hyphens between words: `Raytheon-SMFCD`, not `L-3` or `F-18`. */
export const atHyphens = (text: string): readonly string[] =>
  parts(text, /(?<=[\p{L}\p{N}.]{2})-(?=\p{L})/u)

/** Parts at slashes, but in `A/C` and `F/A-18`, where one side is a single letter. */
export const atSlashes = (text: string): readonly string[] =>
  parts(
    text,
    /(?<!(?<![\p{L}\p{N}])\p{L})\s*\/\s*(?!\p{L}(?![\p{L}\p{N}]|-\p{N}))|\s+w\/(?:o\s)?\s*|\s+with\s+/iu,
  )

/** Parts at `and`, `&` and `+`, but in `AT&T`. */
export const atAnd = (text: string): readonly string[] =>
  parts(text, /\s+(?:and|\+)\s+|\s+&\s*|(?<=\p{L}{2})&\s*(?=\p{L}{2})/iu)

export const atCommas = (text: string): readonly string[] => parts(text, /[,;]/)
