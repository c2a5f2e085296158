import { hash, randomBytes } from 'node:crypto'
import { loadNodeFolder, type OnStep, verifyEd25519 } from '@entente/node'
import {
  type Admission,
  AdmitError,
  createAdmission,
  createView,
  type Database,
  type Deps,
  notePassing,
  openDatabase,
  type Partner,
  partnerOf,
  partnersOf,
  tables,
  type View,
} from '@entente/node/testing'
import type { Asked, Member, Nation, Purge } from '@entente/schema'

/** The door in of a real node, with its real keys and roster, over a database in memory and a clock that is set. */
export interface Receiver extends Disposable {
  readonly deps: Deps
  readonly admission: Admission
  readonly view: View
  readonly db: Database
  readonly partner: (nation: Nation) => Partner
  /** Everything that admission has written, but for what it may write of a bad body or a proven checkpoint. */
  readonly state: () => Readonly<Record<string, unknown[]>>
  readonly subscriptions: string[]
  /** Purges that partners have said they made, as `NATION seq`. */
  readonly purges: string[]
}

/** What the parts of a real node are made from, with its keys and roster, over another database and clock. */
export function depsOf(
  folderPath: string,
  db: Database,
  nowMs: () => number,
  onStep: OnStep = () => {},
): Deps {
  const folder = loadNodeFolder(folderPath)
  const { config, keys, roster } = folder
  if (roster === null) throw new Error('the node has no roster')
  const silent = () => {}
  return {
    db,
    clock: { nowMs },
    journal: {
      sealed: silent,
      published: silent,
      frozen: silent,
      admitted: silent,
      refused: silent,
      partner: silent,
      fault: silent,
    },
    roster,
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    hash: (bytes) => hash('sha256', bytes, 'buffer'),
    verify: verifyEd25519,
    nation: config.nation,
    origin: config.origin,
    partners: partnersOf(roster, config.nation),
    further: [],
    releases: () => true,
    siblings: [],
    self: partnerOf(roster.members.get(config.nation) as Member),
    isReceiver: true,
    signStatement: keys.statement.sign,
    logSigner: folder.logSigner,
    cosigner: folder.cosigner,
    fragmentKey: keys.fragmentKey,
    onStep,
  }
}

/** @param isReceiver false: the door of a further node of the nation, which does not acknowledge */
export function openReceiver(folderPath: string, nowMs: () => number, isReceiver = true): Receiver {
  const db = openDatabase(':memory:', tables)
  const deps = { ...depsOf(folderPath, db, nowMs), isReceiver }
  const view = createView(db)
  const subscriptions: string[] = []
  const purges: string[] = []
  const onSubscribe = (nation: Nation, dataset: string, { action }: Asked) => {
    subscriptions.push(`${nation} ${dataset} ${action === 'subscribe'}`)
  }
  const onPurge = (nation: Nation, { recall }: Purge) => {
    purges.push(`${nation} ${recall.seq}`)
    return true
  }
  const rows = (sql: string) => db.prepare(sql).all()
  return {
    deps,
    admission: createAdmission(isReceiver ? deps : ageless(deps), view, {
      onSubscribe,
      onPurge,
      ...(isReceiver && { onTaken: notePassing(deps) }),
    }),
    view,
    db,
    subscriptions,
    purges,
    partner: (nation) => deps.partners.get(nation) as Partner,
    state: () => ({
      feeds: rows('SELECT feed, seq, last, body_seq FROM feed_in ORDER BY feed'),
      statements: rows('SELECT feed, seq, jws FROM statement_in ORDER BY feed, seq'),
      held: rows('SELECT feed, record, seq, digest FROM held_in ORDER BY feed, record'),
      hidden: rows('SELECT * FROM hidden_in ORDER BY feed, record'),
      view: rows('SELECT source, record, title, fields FROM view_row ORDER BY source, record'),
      text: rows('SELECT title, body FROM view_text ORDER BY rowid'),
    }),
    [Symbol.dispose]: () => db[Symbol.dispose](),
  }
}

/** What our receiver passes on may be of any age. */
const ageless = (deps: Deps): Deps => ({
  ...deps,
  roster: {
    ...deps.roster,
    witnessPolicy: { ...deps.roster.witnessPolicy, freshnessMs: Number.POSITIVE_INFINITY },
  },
})

/** Code with which the work is refused; null when it is admitted. Any other error is a fault of the node. */
export function refusalOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    if (error instanceof AdmitError) return error.code
    throw error
  }
}
