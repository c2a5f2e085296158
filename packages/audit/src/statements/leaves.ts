import {
  fromHex,
  type KnownKind,
  type LeafKey,
  type Statement,
  statementKeyAt,
} from '@entente/schema'
import { chunksOf } from '../bundle/lines.ts'
import type { Bundle, OpeningRow } from '../bundle/read-bundle.ts'
import { createSharing } from '../bundle/sharing.ts'
import { type AddFinding, type Finding, findingsOf } from '../finding.ts'
import type { RebuiltLog } from '../log/rebuild-log.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { Task } from '../work/task.ts'
import type { Working } from '../work/work.ts'
import type { OpenedRow } from './open-leaf.ts'
import { checkRootWords } from './root-words.ts'

/** One opened leaf of a log: the statement is signed by the certified key and committed to by the entry. */
export type Leaf<K extends KnownKind = KnownKind> = {
  [Kind in K]: {
    readonly index: number
    readonly kind: Kind
    readonly statement: Statement<Kind>
    /** Base64url SHA-256 of the JWS: what the next statement of the feed and acknowledgements name. */
    readonly digest: string
  }
}[K]

/** Leaves by index, in order; a map is one. */
export interface LeafTable extends Pick<ReadonlyMap<number, Leaf>, 'get' | 'has' | 'size'> {
  readonly values: () => Iterable<Leaf>
}

/** The leaves of one log that could be read, by index. */
export interface Leaves {
  readonly byIndex: LeafTable
  /** The 32 bytes that hide what a leaf commits to. */
  readonly saltOf: (index: number) => Uint8Array
  /** Index by digest of the statement. */
  readonly byDigest: ReadonlyMap<string, number>
  /** Leaves that an `erase` statement names and that are not shown, with the index of that statement. */
  readonly erased: ReadonlyMap<number, number>
  /** How many could not: each has its own finding, so what is missing because of them is not reported again. */
  readonly unread: number
}

/** Leaves handed out at once: some milliseconds of work. */
const CHUNK = 256

/** Steps 5 and 6, leaf by leaf: opened, of a known kind, signed, of this log. */
export function* openLeaves(
  bundle: Bundle,
  log: RebuiltLog,
  trusted: TrustedLog,
  trust: Trust,
  add: AddFinding,
  progress: (done: number, total: number) => void,
): Working<Leaves> {
  const findings: Finding[] = []
  const found = findingsOf(null, findings)
  const seen = new Uint8Array(log.size)
  const read: (Leaf | undefined)[] = new Array(log.size)
  const salts = new Uint8Array(32 * log.size)
  const share = createSharing()
  const pending: Keyed[][] = []
  let done = 0

  const take = ({ row, key }: Keyed, { entry, opened }: OpenedRow): void => {
    const { index, salt } = row
    const addTo: AddFinding = (code, message) => found(code, `leaf ${index}: ${message}`, index)
    if (!log.holds(index, entry)) addTo('LEAF_OPENING', 'statement and salt do not give the entry')
    else if ('code' in opened) addTo(opened.code, opened.message)
    else if (opened.statement.origin !== trusted.log.origin)
      addTo('STATEMENT_ORIGIN', `the statement is of ${opened.statement.origin}`)
    else {
      const { kind, statement, digest } = opened
      // The schema of this kind has parsed it.
      read[index] = { index, kind, statement: share(statement), digest: share(digest) } as Leaf
      salts.set(fromHex(salt), 32 * index)
      // What it says is read all the same: that it may be false is this finding.
      if (key.revoked !== null) addTo('KEY_REVOKED', `its key is revoked: ${key.revoked.reason}`)
    }
  }
  function* tasks(): Iterable<Task> {
    const rows = onlyNew(bundle.openings(found), seen, found)
    for (const keyed of chunksOf(withKeys(rows, trusted, found), CHUNK)) {
      pending.push(keyed)
      const asked = keyed.map(({ row, key }) => ({ ...row, key: key.certificate.key }))
      yield { kind: 'leaves', rows: asked }
    }
  }
  yield {
    tasks: tasks(),
    take: (answer) => {
      const rows = pending.shift() ?? []
      if (answer.kind === 'leaves')
        for (const [i, row] of rows.entries()) take(row, answer.leaves[i] as OpenedRow)
      done += rows.length
      progress(done, log.size)
    },
  }

  const byIndex = tableOf(read)
  const unopened: number[] = []
  for (const [index, opened] of seen.entries()) if (opened === 0) unopened.push(index)
  const erased = erasedIn(byIndex, unopened)
  for (const index of unopened)
    if (!erased.has(index)) found('LEAF_UNOPENED', `leaf ${index}: there is no opening`, index)
  checkGenesis(byIndex, trusted, found)
  if (erased.has(0)) found('GENESIS', 'leaf 0 has been erased, and must be the genesis', 0)
  checkRootWords(byIndex, trusted, trust, found)
  // What is read ahead and what comes back are found as they happen; told they are by leaf.
  for (const { code, message, index } of findings.sort((a, b) => placeOf(a) - placeOf(b)))
    add(code, message, index)
  const byDigest = new Map<string, number>()
  for (const { digest, index } of byIndex.values()) byDigest.set(digest, index)
  const unread = log.size - byIndex.size - erased.size
  const saltOf = (index: number) => salts.subarray(32 * index, 32 * index + 32)
  return { byIndex, saltOf, byDigest, erased, unread }
}

/** Leaves of a log, few or none of which are missing. */
function tableOf(read: readonly (Leaf | undefined)[]): LeafTable {
  const size = read.reduce((sum, leaf) => (leaf === undefined ? sum : sum + 1), 0)
  return {
    size,
    get: (index) => read[index],
    has: (index) => read[index] !== undefined,
    *values() {
      for (const leaf of read) if (leaf !== undefined) yield leaf
    },
  }
}

/** Leaves that are closed because a later statement of the log says so. */
function erasedIn(leaves: LeafTable, unopened: readonly number[]): ReadonlyMap<number, number> {
  const declared = new Map<number, number>()
  for (const leaf of leaves.values())
    if (leaf.kind === 'erase')
      for (const index of leaf.statement.leaves)
        if (index < leaf.index) declared.set(index, leaf.index)
  const closed = new Set(unopened)
  return new Map([...declared].filter(([index]) => closed.has(index)))
}

const placeOf = ({ index }: Finding): number => index ?? -1

/** Each leaf of the log once. */
function* onlyNew(
  rows: Iterable<OpeningRow>,
  seen: Uint8Array,
  found: AddFinding,
): Iterable<OpeningRow> {
  for (const row of rows) {
    const { index } = row
    if (index >= seen.length) found('LEAF_OPENING', `there is no leaf ${index}`, index)
    else if (seen[index] === 1) found('LEAF_OPENING', `leaf ${index} is opened twice`, index)
    else {
      seen[index] = 1
      yield row
    }
  }
}

/** An opening, and the key that signs its leaf. */
interface Keyed {
  readonly row: OpeningRow
  readonly key: LeafKey
}

function* withKeys(
  rows: Iterable<OpeningRow>,
  { member, log: { origin } }: TrustedLog,
  found: AddFinding,
): Iterable<Keyed> {
  for (const row of rows) {
    const key = statementKeyAt(member, origin, row.index)
    if (key !== null) yield { row, key }
    else {
      const why = `leaf ${row.index}: no certificate is for ${origin}`
      found('STATEMENT_SIGNATURE', why, row.index)
    }
  }
}

function checkGenesis(leaves: LeafTable, { member }: TrustedLog, found: AddFinding): void {
  for (const { kind, index, statement } of leaves.values())
    if (kind === 'genesis' ? index !== 0 || statement.nation !== member.nation : index === 0)
      found(
        'GENESIS',
        `leaf ${index} is ${kind}, and leaf 0 must be the genesis of ${member.nation}`,
        index,
      )
}
