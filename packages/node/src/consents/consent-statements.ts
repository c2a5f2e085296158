import type { Nation, Opening, SealedConsent } from '@entente/schema'
import { openConsent, peekJws } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { appendToControlFeed } from '../release/control-feed.ts'

/**
 * `consent_given`: consents that our officers have sealed and this node has sent. `consent_withdrawn`: consents that their nation has
 * taken back, whether they are ours to use or what we hold rests on them.
 */
export const consentStatementTables = `
CREATE TABLE IF NOT EXISTS consent_given(digest TEXT PRIMARY KEY, holder TEXT NOT NULL, record TEXT NOT NULL, seal TEXT NOT NULL, request TEXT, at_ms INTEGER NOT NULL, withdrawn_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consent_withdrawn(nation TEXT NOT NULL, consent TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(nation, consent)) STRICT, WITHOUT ROWID;
`

/** A consent of ours that has been sent. */
export interface GivenConsent {
  readonly digest: string
  readonly consent: SealedConsent['consent']
  readonly atMs: number
  readonly withdrawnMs: number | null
}

export const isWithdrawn = ({ db }: Pick<Deps, 'db'>, nation: Nation, consent: string): boolean =>
  db
    .prepare('SELECT 1 FROM consent_withdrawn WHERE nation = ? AND consent = ?')
    .get(nation, consent) !== undefined

export const givenConsents = ({ db }: Pick<Deps, 'db'>): readonly GivenConsent[] =>
  db
    .prepare('SELECT * FROM consent_given ORDER BY at_ms, digest')
    .all()
    .map((row) => ({
      digest: row['digest'] as string,
      // Its seal was good when it was sent.
      consent: peekJws(row['seal'] as string).payload as unknown as SealedConsent['consent'],
      atMs: row['at_ms'] as number,
      withdrawnMs: row['withdrawn_ms'] as number | null,
    }))

/**
 * Sends a consent to its holder, in our control feed: it names the statement by which the holder got the record, which goes no further.
 * @param request the request that it answers
 * @throws {NodeError} `CONSENT_NATION`, `PARTNER_UNKNOWN`, `CONSENT_NOT_HELD`, `CONSENT_EXPIRED`; {ConsentError}
 */
export function sealConsentGiven(
  deps: Deps,
  log: ReleaseLog,
  seal: string,
  request: string | null = null,
): SealedConsent {
  const { db, nation, clock, partners, roster, verify } = deps
  const opened = openConsent(seal, roster.members, verify)
  const { digest, consent } = opened
  const { holder, record, head, until } = consent
  if (consent.nation !== nation)
    throw new NodeError(
      'CONSENT_NATION',
      `this is a consent of ${consent.nation}; this node sends those of ${nation}`,
    )
  if (!partners.has(holder))
    throw new NodeError('PARTNER_UNKNOWN', `${holder} is not in the roster`)
  if (until <= clock.nowMs())
    throw new NodeError('CONSENT_EXPIRED', 'this consent has run out: sign a later one')
  const known = db.prepare('SELECT withdrawn_ms FROM consent_given WHERE digest = ?').get(digest)
  if (known?.['withdrawn_ms'] != null)
    throw new NodeError(
      'CONSENT_WITHDRAWN',
      'this consent has been withdrawn, which stays so: sign another one, with another end',
    )
  if (known !== undefined) return opened
  const release = releaseOf(deps, log, holder, record, head)
  db.transact(() => {
    const said = { action: 'give', consent: digest, release, request }
    appendToControlFeed(deps, log, 'consent', holder, said, { body: seal })
    db.prepare(
      'INSERT INTO consent_given(digest, holder, record, seal, request, at_ms) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(digest, holder, record, seal, request, clock.nowMs())
  })
  log.noteHead()
  return opened
}

/** The statement by which a holder got a fragment. */
function releaseOf({ db }: Deps, log: ReleaseLog, holder: Nation, record: string, head: string) {
  const rows = db
    .prepare(
      'SELECT idx, entry_out.feed, entry_out.seq, opening FROM entry_out JOIN feed_out USING (feed) WHERE recipient = ? AND record = ? ORDER BY idx DESC',
    )
    .all(holder, record)
  const gave = rows.find((row) => {
    const [, entry] = JSON.parse(row['opening'] as string) as Opening
    return entry.op === 'put' && entry.digest === head
  })
  const statement = gave && log.statement(gave['idx'] as number)
  if (gave === undefined || statement == null)
    throw new NodeError(
      'CONSENT_NOT_HELD',
      `${holder} has not got this version of ${record} from us: sign over what it holds (entente consent sign)`,
    )
  return { feed: gave['feed'] as string, seq: gave['seq'] as number, statement: statement.hash }
}

/**
 * Withdraws a consent: its holder is told, and each nation that it named, so that what rests on it goes there without the holder's help.
 * @param prefix beginning of its digest
 * @throws {NodeError} `CONSENT_UNKNOWN`
 */
export function sealConsentWithdrawn(deps: Deps, log: ReleaseLog, prefix: string): GivenConsent {
  const { db, clock, partners } = deps
  const found = givenConsents(deps).filter(({ digest }) => digest.startsWith(prefix))
  const [given, another] = found
  if (given === undefined || another !== undefined || prefix === '')
    throw new NodeError(
      'CONSENT_UNKNOWN',
      `${prefix} names ${found.length} consents that we have sent: entente consent list names them`,
    )
  if (given.withdrawnMs !== null) return given
  const { holder, recipients } = given.consent
  const atMs = clock.nowMs()
  db.transact(() => {
    const said = { action: 'withdraw', consent: given.digest, release: null, request: null }
    for (const nation of [holder, ...recipients])
      if (partners.has(nation)) appendToControlFeed(deps, log, 'consent', nation, said)
    db.prepare('UPDATE consent_given SET withdrawn_ms = ? WHERE digest = ?').run(atMs, given.digest)
  })
  log.noteHead()
  return { ...given, withdrawnMs: atMs }
}
