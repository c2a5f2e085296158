import type { ImportSummary, Tally } from '@entente/node'
import { canonicalBytes, type Nation, sha256, toHex } from '@entente/schema'
import type { Io } from './io.ts'
import { bold, clean, count, formatTable } from './text.ts'

type Counts = Readonly<Record<string, number>>

/** Figures that add up: rows read = created + updated + unchanged + refused. */
interface Figures {
  readonly read: number
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly refused: number
  readonly refusals: Counts
  readonly flags: Counts
  /** Counted above as well. */
  readonly contradictory: number
  /** Records of the mapping that the file does not have. */
  readonly missing: number
}

interface Line extends Figures {
  readonly nation: Nation
  readonly id: number
  readonly file: string
  readonly sha256: string
  readonly mapping: string | null
  readonly edition: number | null
  readonly mappingDigest: string | null
  readonly appliedBy: string
  readonly appliedAtMs: number
}

/** What was imported, of which file, through which mapping, by whom: what a person would put a name under. */
export interface SignableSummary {
  readonly imports: readonly Line[]
  readonly totals: Figures
}

const numbers = [
  'read',
  'created',
  'updated',
  'unchanged',
  'refused',
  'contradictory',
  'missing',
] as const

/** The applied ones of a nation's imports; drafts and those taken back are no news of the ledger. */
export function summarise(
  nation: Nation,
  imports: readonly ImportSummary[],
): SignableSummary['imports'] {
  return imports.flatMap(({ state, appliedBy, appliedAtMs, refusals, flags, ...rest }) => {
    if ((state !== 'applied' && state !== 'closed') || appliedBy === null || appliedAtMs === null)
      return []
    const { id, file, sha256: digest, mapping, edition, mappingDigest } = rest
    const { read, created, updated, unchanged, refused, contradictory, missing } = rest
    return {
      ...{ nation, id, file, sha256: digest, mapping, edition, mappingDigest },
      ...{ read, created, updated, unchanged, refused, contradictory, missing },
      refusals: addUp(refusals),
      flags: addUp(flags),
      appliedBy,
      appliedAtMs,
    }
  })
}

/** Adds the lines up, and names the whole by its digest: SHA-256 in hex over its canonical JSON. @see RFC 8785 */
export function signable(imports: SignableSummary['imports']): {
  readonly summary: SignableSummary
  readonly digest: string
} {
  const sum = (name: (typeof numbers)[number]) =>
    imports.reduce((total, line) => total + line[name], 0)
  const codesOf = (name: 'refusals' | 'flags') =>
    imports.flatMap((line) => Object.entries(line[name])).map(([code, n]) => ({ code, count: n }))
  const totals = {
    read: sum('read'),
    created: sum('created'),
    updated: sum('updated'),
    unchanged: sum('unchanged'),
    refused: sum('refused'),
    contradictory: sum('contradictory'),
    missing: sum('missing'),
    refusals: addUp(codesOf('refusals')),
    flags: addUp(codesOf('flags')),
  }
  const summary = { imports, totals }
  return { summary, digest: toHex(sha256(canonicalBytes(summary))) }
}

/** The summary as a table with its totals, and its digest. */
export function summaryText(
  { summary: { imports, totals }, digest }: ReturnType<typeof signable>,
  io: Pick<Io, 'colour' | 'columns'>,
): string {
  if (imports.length === 0) return 'no import is applied'
  const cells = (figure: Figures) => [
    ...numbers.map((name) => thousands(figure[name])),
    codes(figure.refusals),
    codes(figure.flags),
  ]
  const rows = imports.map((line) => [
    ...[
      line.nation,
      line.file,
      line.sha256.slice(0, 12),
      line.mapping === null ? 'none: edits' : `${line.mapping}@${line.edition}`,
    ],
    ...cells(line),
  ])
  const { read, created, updated, unchanged, refused } = totals
  return [
    formatTable(
      ['nation', 'file', 'sha-256', 'mapping', ...numbers, 'refused by code', 'noticed'],
      [...rows, ['total', count(imports.length, 'import'), '', '', ...cells(totals)]],
      io,
    ),
    `${thousands(read)} rows read = ${thousands(created)} created + ${thousands(updated)} updated + ${thousands(unchanged)} unchanged + ${thousands(refused)} refused`,
    `${bold('SHA-256', io)} of the summary (canonical JSON, RFC 8785): ${digest}`,
  ].join('\n')
}

function addUp(tallies: readonly Tally[]): Counts {
  const sums = new Map<string, number>()
  for (const { code, count: n } of tallies) sums.set(code, (sums.get(code) ?? 0) + n)
  return Object.fromEntries(sums)
}

const codes = (counts: Counts): string =>
  Object.entries(counts)
    .map(([code, n]) => `${thousands(n)} ${clean(code)}`)
    .join(', ') || '-'

const thousands = (n: number): string => n.toLocaleString('en')
