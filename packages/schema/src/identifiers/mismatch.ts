import { codifyingNation } from './codifying-nation.ts'
import { isNation, nationName } from './nation.ts'
import { parseNcage } from './ncage.ts'
import { nationsOfNcage } from './ncage-nation.ts'
import { parseNsn } from './nsn.ts'

/**
 * What to tell a person when a stock number was codified by another nation than the one given (alpha-3), or null. It is
 * a warning and never a refusal: an item that one nation codified is often made in, or owned by, another.
 */
export function nsnMismatch(nsn: string, nation: string): string | null {
  const parsed = parseNsn(nsn)
  const codifier = codifyingNation(nsn)
  if (!parsed.ok || codifier === undefined || !differs([codifier], nation)) return null
  return `NSN ${parsed.value} was codified by ${named(codifier)}, not by ${named(nation)}`
}

/** The same for a CAGE or NCAGE code, whose form tells the nations that give it out: makers move and are bought. */
export function ncageMismatch(code: string, nation: string): string | null {
  const parsed = parseNcage(code)
  const givers = nationsOfNcage(code)
  if (!parsed.ok || givers.length === 0 || !differs(givers, nation)) return null
  return `NCAGE ${parsed.value} is of a form given out by ${givers.map(named).join(' and ')}, not by ${named(nation)}`
}

/** Whether the nation is a known one, and neither it nor the one whose bureau serves it is among these. */
const differs = (bureaus: readonly string[], nation: string) =>
  isNation(nation) && !bureaus.includes(nation) && !bureaus.includes(servedBy[nation] ?? '')

/**
 * Who codifies for a nation without a bureau of its own.
 * @see CodSP-3, notes of January 2017 (Luxembourg: NCB 13, `B***#`); FAR 52.204-16 and 2.101 (outlying areas)
 */
const servedBy: Readonly<Record<string, string>> = {
  LUX: 'BEL',
  ASM: 'USA',
  GUM: 'USA',
  MNP: 'USA',
  PRI: 'USA',
  UMI: 'USA',
  VIR: 'USA',
}

const named = (nation: string) => `${nationName(nation)} (${nation})`
