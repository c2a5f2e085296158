import { readXml } from './walk-xml.ts'

/** What of a moment a format shows. */
export interface MomentKind {
  /** Year, month or day are shown. */
  readonly date: boolean
  /** Hours, minutes or seconds are shown. */
  readonly time: boolean
  /** Hours are counted on beyond 24: a duration. */
  readonly duration: boolean
}

/** What a number stands for, as its format shows it; undefined for a mere number. A percentage is shown a hundredfold. */
export type NumberKind = MomentKind | 'percentage' | undefined

/**
 * Kinds of number by the index of the format that cells name.
 * @see ECMA-376 part 1, sections 18.8.10, 18.8.30, 18.8.45
 */
export async function readNumberFormats(
  bytes: AsyncIterable<Uint8Array>,
): Promise<readonly NumberKind[]> {
  const codes = new Map<string, string>()
  const kinds: NumberKind[] = []
  let list = ''
  await readXml(bytes, {
    open: (name, { numFmtId = '0', formatCode }) => {
      if (name === 'numFmts' || name === 'cellXfs') list = name
      // Conditional formats have some of their own, whose numbers mean nothing here.
      if (name === 'numFmt' && list === 'numFmts' && formatCode !== undefined)
        codes.set(numFmtId, formatCode)
      if (name === 'xf' && list === 'cellXfs') {
        const code = codes.get(numFmtId)
        kinds.push(code === undefined ? kindOfBuiltIn(Number(numFmtId)) : kindOf(code))
      }
    },
    close: (name) => {
      if (name === list) list = ''
    },
  })
  return kinds
}

/** Numbers below 164 mean formats that are not written into the file; some differ by country, but not in kind. */
function kindOfBuiltIn(id: number): NumberKind {
  if (id === 9 || id === 10) return 'percentage'
  if (id === 22) return { date: true, time: true, duration: false }
  if (id === 46) return { date: false, time: true, duration: true }
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id === 45 || id === 47)
    return { date: false, time: true, duration: false }
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
    return { date: true, time: false, duration: false }
  return undefined
}

/** Kind of a format code such as `[$-409]d mmm yyyy;@`: of the part for positive numbers, without its literal text. */
export function kindOf(code: string): NumberKind {
  const [shown = ''] = code
    .replace(/"[^"]*"|\\.|_.|\*./gs, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .split(';')
  if (/general/i.test(shown)) return undefined
  const duration = /\[[hms]+\]/i.test(shown)
  const time = duration || /[hs]/i.test(shown)
  const date = /[yd]/i.test(shown) || (!time && /m/i.test(shown))
  if (date || time) return { date, time, duration }
  return shown.includes('%') ? 'percentage' : undefined
}
