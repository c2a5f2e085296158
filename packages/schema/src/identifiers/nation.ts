import { nationTable } from './nation-table.ts'

/** One nation of ISO 3166-1. */
export interface NationEntry {
  readonly alpha3: string
  readonly alpha2: string
  readonly name: string
}

/** The 249 nations and territories of ISO 3166-1, by alpha-3. */
export const nations: ReadonlyMap<string, NationEntry> = new Map(
  nationTable
    .trim()
    .split('\n')
    .map((line) => [
      line.slice(0, 3),
      { alpha3: line.slice(0, 3), alpha2: line.slice(4, 6), name: line.slice(7) },
    ]),
)

const byAlpha2: ReadonlyMap<string, NationEntry> = new Map(
  [...nations.values()].map((n) => [n.alpha2, n]),
)

/** Whether the code is an alpha-3 code of ISO 3166-1, in upper case. */
export function isNation(code: string): boolean {
  return nations.has(code)
}

/** Short English name, or undefined for a code that is not assigned. */
export function nationName(code: string): string | undefined {
  return nations.get(code)?.name
}

/** Alpha-3 of an upper-case alpha-2: `NA` is Namibia (`NAM`). */
export function nationFromAlpha2(code: string): string | undefined {
  return byAlpha2.get(code)?.alpha3
}
