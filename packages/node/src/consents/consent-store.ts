import {
  ConsentError,
  digestOf,
  type Nation,
  openConsent,
  peekJws,
  RetransferConsent,
  type SealedConsent,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { isWithdrawn } from './consent-statements.ts'
import { refusing } from './refusing.ts'

/**
 * `consent`: what other nations' officers have sealed for us, as it came. `counts`: decisions know it, and its officer is certified by the roster of the last start.
 * What a release was decided on stays in it for good: auditors ask for it.
 */
export const consentTables = `
CREATE TABLE IF NOT EXISTS consent(digest TEXT PRIMARY KEY, record TEXT NOT NULL, seal TEXT NOT NULL, counts INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS consent_record ON consent(record);
`

/**
 * Consents of one nation that are kept as they come. Those that have ended, and that no release rests on, make room; what a person installs
 * is always kept.
 */
const MOST_CONSENTS = 1_024

/** To look for what makes room reads every consent that is kept: once in so long for each nation. */
const ROOM_MS = 3_600_000

/** A consent that this nation holds. */
export interface KeptConsent {
  readonly digest: string
  readonly consent: RetransferConsent
  /** Null: the roster names no such officer any more, so that it consents to nothing. */
  readonly officer: string | null
  /** When it was installed, ms. */
  readonly atMs: number
  /** Own records that came from the one it names. */
  readonly records: readonly string[]
}

/** Consents of other nations to hand on what they gave us. */
export interface ConsentStore {
  /** Those sealed by somebody who is an officer still, whether or not they have run out. */
  readonly counting: () => readonly SealedConsent[]
  /** Names all of them. */
  readonly digest: () => string
  readonly all: () => readonly KeptConsent[]
  /** Checks a seal and whom it is for. @throws {NodeError} `CONSENT_FORM`, `CONSENT_NATION`, `CONSENT_OFFICER`, `CONSENT_SEAL`, `CONSENT_HOLDER`, `CONSENT_EXPIRED` */
  readonly check: (seal: string) => SealedConsent
  /**
   * The same for one that came from its originator, inside the transaction that admits it; `reload` when it is committed.
   * @returns false: it is kept already
   * @throws as `check`; {NodeError} `CONSENT_FLOOD`: as many as are kept of its nation are there already
   */
  readonly take: (seal: string) => boolean
  /** Reads them anew: some have come, or their nation has withdrawn some. */
  readonly reload: () => void
  /** The same, and keeps it: what came from its record is to be decided again. Null: it was there already. @throws as `check` */
  readonly install: (seal: string) => readonly string[] | null
  readonly recordsFrom: (record: string) => readonly string[]
  /** Own records under a consent that ran out after one moment and not after the other. */
  readonly endedBetween: (afterMs: number, atMs: number) => readonly string[]
  /** When the next one runs out; infinite: none will. */
  readonly nextEnd: (atMs: number) => number
}

/** Consents whose officer a roster no longer names count for nothing from the next start on; what they let go is decided again then. */
export function createConsentStore(deps: Deps, most: number = MOST_CONSENTS): ConsentStore {
  const { db, clock, nation, roster, verify } = deps
  /** When room was last made among those of each nation, ms. */
  const roomMs = new Map<Nation, number>()
  /** The roster is that of the start, so a seal that was good stays so: each is verified once. */
  const opened = new Map<string, SealedConsent | null>()
  const open = (seal: string): SealedConsent | null => {
    const known = opened.get(seal)
    if (known !== undefined) return known
    const now = openedOrNull(deps, seal)
    opened.set(seal, now)
    return now
  }
  /** How many there are of each nation. */
  let kept = countKept()
  let counting = readConsents(deps, open)
  let digest = digestOf(counting.map((each) => each.digest))
  const recordsFrom = (record: string): string[] =>
    db
      .prepare(
        "SELECT id FROM record WHERE instr(json, ?1) > 0 AND EXISTS (SELECT 1 FROM json_each(record.json, '$.envelope.derivedFrom') WHERE value ->> '$.record' = ?1) UNION SELECT record FROM retransfer WHERE record = ?1 ORDER BY 1",
      )
      .all(record)
      .map((row) => row['id'] as string)
  const decideAgain = (records: readonly string[]): void => {
    const dirty = db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)')
    for (const id of records) dirty.run(id)
  }
  noteCounting()

  return {
    counting: () => counting,
    digest: () => digest,
    recordsFrom,
    all: () =>
      db
        .prepare('SELECT * FROM consent ORDER BY at_ms, digest')
        .all()
        .map((row): KeptConsent => {
          const consent = contentOf(row['seal'] as string)
          const counts = counting.find((each) => each.digest === row['digest'])
          return {
            digest: row['digest'] as string,
            consent,
            officer: counts?.officer.name ?? null,
            atMs: row['at_ms'] as number,
            records: recordsFrom(consent.record),
          }
        }),
    check,
    take: (seal) => {
      const opened = check(seal)
      const { nation: of } = opened.consent
      if (db.prepare('SELECT 1 FROM consent WHERE digest = ?').get(opened.digest)) return false
      if (!hasRoom(of))
        throw new NodeError(
          'CONSENT_FLOOD',
          `${most} consents of ${of} are kept and more are not: some must end or be withdrawn first; what is needed all the same, install by hand (entente consent install)`,
        )
      keep(opened)
      kept.set(of, (kept.get(of) ?? 0) + 1)
      return true
    },
    reload,
    install: (seal) => {
      const opened = check(seal)
      if (db.prepare('SELECT 1 FROM consent WHERE digest = ? AND counts = 1').get(opened.digest))
        return null
      const records = db.transact(() => keep(opened))
      reload()
      return records
    },
    endedBetween: (afterMs, atMs) =>
      counting
        .filter(({ consent }) => afterMs < consent.until && consent.until <= atMs)
        .flatMap(({ consent }) => recordsFrom(consent.record)),
    nextEnd: (atMs) =>
      Math.min(
        Infinity,
        ...counting.flatMap(({ consent }) => (consent.until > atMs ? [consent.until] : [])),
      ),
  }

  function keep({ digest: about, consent, seal }: SealedConsent): readonly string[] {
    const records = recordsFrom(consent.record)
    // Not counted before `reload`: what rests on it is decided again when decisions see it, and not before, when that would be for nothing.
    db.prepare(
      'INSERT OR REPLACE INTO consent(digest, record, seal, counts, at_ms) VALUES (?, ?, ?, 0, ?)',
    ).run(about, consent.record, seal, clock.nowMs())
    return records
  }

  function said(seal: string): RetransferConsent {
    return open(seal)?.consent ?? contentOf(seal)
  }

  function countKept(): Map<Nation, number> {
    const counts = new Map<Nation, number>()
    for (const { seal } of db.prepare('SELECT seal FROM consent').all()) {
      const { nation: of } = said(seal as string)
      counts.set(of, (counts.get(of) ?? 0) + 1)
    }
    return counts
  }

  function hasRoom(of: Nation): boolean {
    if ((kept.get(of) ?? 0) < most) return true
    const nowMs = clock.nowMs()
    if (Math.abs(nowMs - (roomMs.get(of) ?? -Infinity)) < ROOM_MS) return false
    roomMs.set(of, nowMs)
    const forget = db.prepare('DELETE FROM consent WHERE digest = ?')
    for (const row of db.prepare('SELECT digest, seal FROM consent').all()) {
      const about = row['digest'] as string
      const { nation: whose, until } = said(row['seal'] as string)
      if (whose !== of) continue
      const hasEnded = until <= nowMs || isWithdrawn({ db }, of, about)
      if (!hasEnded || isUsed(about)) continue
      forget.run(about)
      opened.delete(row['seal'] as string)
    }
    kept = countKept()
    return (kept.get(of) ?? 0) < most
  }

  /** Whether a release rests on it. */
  function isUsed(about: string): boolean {
    return (
      db.prepare('SELECT 1 FROM consent_used WHERE consent = ? LIMIT 1').get(about) !== undefined
    )
  }

  function reload(): void {
    kept = countKept()
    counting = readConsents(deps, open)
    digest = digestOf(counting.map((each) => each.digest))
    noteCounting()
  }

  function check(seal: string): SealedConsent {
    const opened = refusing(() => openConsent(seal, roster.members, verify))
    const { holder, until, nation: of } = opened.consent
    if (isWithdrawn({ db }, of, opened.digest))
      throw new NodeError('CONSENT_WITHDRAWN', `${of} has withdrawn this consent`)
    if (holder !== nation)
      throw new NodeError(
        'CONSENT_HOLDER',
        `${of} has consented that ${holder} hands it on, and this node is of ${nation}`,
      )
    // One that a release rests on is taken in again after its file was lost: auditors ask for it.
    if (until <= clock.nowMs() && !isUsed(opened.digest))
      throw new NodeError(
        'CONSENT_EXPIRED',
        `this consent ran out on ${new Date(until).toISOString()}: ask ${of} for a later one`,
      )
    return opened
  }

  /** An officer has come or gone with the roster of this start, or a consent has been withdrawn. */
  function noteCounting(): void {
    const good = new Set(counting.map((each) => each.digest))
    const changed = db
      .prepare('SELECT digest, record, counts FROM consent')
      .all()
      .filter((row) => good.has(row['digest'] as string) !== (row['counts'] === 1))
    if (changed.length === 0) return
    db.transact(() => {
      const note = db.prepare('UPDATE consent SET counts = ? WHERE digest = ?')
      for (const { digest: about, record } of changed) {
        note.run(good.has(about as string) ? 1 : 0, about as string)
        decideAgain(recordsFrom(record as string))
      }
    })
  }
}

/** Consents that count. @param open of a seal, what it says; null: it counts for nothing */
export function readConsents(
  deps: Pick<Deps, 'db' | 'roster' | 'verify'>,
  open: (seal: string) => SealedConsent | null = (seal) => openedOrNull(deps, seal),
): readonly SealedConsent[] {
  return deps.db
    .prepare('SELECT seal FROM consent ORDER BY digest')
    .all()
    .flatMap((row) => {
      const opened = open(row['seal'] as string)
      if (opened === null) return []
      return isWithdrawn(deps, opened.consent.nation, opened.digest) ? [] : [opened]
    })
}

function openedOrNull(
  { roster, verify }: Pick<Deps, 'roster' | 'verify'>,
  seal: string,
): SealedConsent | null {
  try {
    return openConsent(seal, roster.members, verify)
  } catch (error) {
    if (error instanceof ConsentError) return null
    throw error
  }
}

/** Its seal was good when it was installed. */
const contentOf = (seal: string): RetransferConsent =>
  RetransferConsent.parse(peekJws(seal).payload)
