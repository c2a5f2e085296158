import { type Nation, RosterFile } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { ListedPeer } from '../ports/transport.ts'

/** Where an invitation stands that has not become a roster yet. */
export type PairingStanding = 'invited' | 'accepted' | 'confirmed'

/** One invitation, ours or theirs. */
export interface PairingRow {
  /** Of the inviting node, base64url. */
  readonly nonce: string
  readonly nation: Nation
  readonly state: PairingStanding
  readonly atMs: number
  readonly expiresMs: number
  readonly again: boolean
  /** What is known of the other side once it has answered, or has invited us. */
  readonly other: PairingOther | null
  readonly compared: boolean
  /** Rhythm of answers to requests that our invitation names, ms; null: none, or theirs. */
  readonly answerMs: number | null
}
export interface PairingOther {
  readonly root: string
  /** {@link pairingCode}, hexadecimal. */
  readonly code: string
  readonly organisation: string
  readonly peer: ListedPeer
}

/** A nation that this node has cut off. */
export interface RevokedPartner {
  readonly nation: Nation
  readonly root: string
  readonly atMs: number
  readonly reason: string
}

export function pairingRows(db: Database): readonly PairingRow[] {
  return db
    .prepare('SELECT * FROM pairing ORDER BY at_ms, nonce')
    .all()
    .map((row): PairingRow => {
      const root = row['root'] as string | null
      return {
        nonce: row['nonce'] as string,
        nation: row['nation'] as string,
        state: row['state'] as PairingStanding,
        atMs: row['at_ms'] as number,
        expiresMs: row['expires_ms'] as number,
        again: row['again'] === 1,
        compared: row['compared'] === 1,
        answerMs: row['answer_ms'] as number | null,
        other:
          root === null
            ? null
            : {
                root,
                code: row['code'] as string,
                organisation: row['organisation'] as string,
                peer: JSON.parse(row['peer'] as string) as ListedPeer,
              },
      }
    })
}

/** Puts a row in the place of every other that has not come further with that nation; within a transaction. */
export function storePairing(db: Database, row: PairingRow): void {
  const { nonce, nation, state, atMs, expiresMs, again, other, compared, answerMs } = row
  db.prepare("DELETE FROM pairing WHERE nation = ? AND nonce <> ? AND state = 'invited'").run(
    nation,
    nonce,
  )
  db.prepare(
    'INSERT OR REPLACE INTO pairing(nonce, nation, state, at_ms, expires_ms, again, root, code, organisation, peer, compared, answer_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(
    nonce,
    nation,
    state,
    atMs,
    expiresMs,
    again ? 1 : 0,
    other?.root ?? null,
    other?.code ?? null,
    other?.organisation ?? null,
    other === null ? null : JSON.stringify(other.peer),
    compared ? 1 : 0,
    answerMs,
  )
}

/**
 * Forgets how far it has come with a nation, and keeps until they end which of its invitations were used: whoever has one that was
 * accepted must not undo with it that the nation was cut off. Within a transaction.
 */
export function dropPairing(db: Database, nation: Nation, nowMs: number): void {
  db.prepare(
    "INSERT OR IGNORE INTO used_invitation(nonce, expires_ms) SELECT nonce, expires_ms FROM pairing WHERE nation = ? AND state = 'accepted'",
  ).run(nation)
  db.prepare('DELETE FROM used_invitation WHERE expires_ms <= ?').run(nowMs)
  db.prepare('DELETE FROM pairing WHERE nation = ?').run(nation)
}

/** Nonces of invitations that were accepted here. */
export const usedInvitations = (db: Database): ReadonlySet<string> =>
  new Set([
    ...pairingRows(db).map(({ nonce }) => nonce),
    ...db
      .prepare('SELECT nonce FROM used_invitation')
      .all()
      .map((row) => row['nonce'] as string),
  ])

export function proposalsIn(db: Database): readonly RosterFile[] {
  return db
    .prepare('SELECT json FROM proposal ORDER BY number, digest')
    .all()
    .map((row) => RosterFile.parse(JSON.parse(row['json'] as string)))
}

export function keepProposal(db: Database, digest: string, roster: RosterFile): void {
  db.prepare('INSERT OR REPLACE INTO proposal(digest, number, json) VALUES (?, ?, ?)').run(
    digest,
    roster.witnessPolicy.number,
    JSON.stringify(roster),
  )
}

/** Who brought each proposal, by its digest; our own nation: a confirmation here made it. */
export const proposalSources = (db: Database): ReadonlyMap<string, Nation> =>
  new Map(
    db
      .prepare('SELECT digest, nation FROM proposal_from')
      .all()
      .map((row) => [row['digest'] as string, row['nation'] as string]),
  )

/** Notes who brought a proposal, unless that is known. */
export function noteSource(db: Database, digest: string, nation: Nation): void {
  db.prepare('INSERT OR IGNORE INTO proposal_from(digest, nation) VALUES (?, ?)').run(
    digest,
    nation,
  )
}

/** That a confirmation here made an edition, whoever brought the same before. */
export function noteOwn(db: Database, digest: string, nation: Nation): void {
  db.prepare('INSERT OR REPLACE INTO proposal_from(digest, nation) VALUES (?, ?)').run(
    digest,
    nation,
  )
}

export function forgetProposal(db: Database, digest: string): void {
  db.prepare('DELETE FROM proposal WHERE digest = ?').run(digest)
  db.prepare('DELETE FROM proposal_from WHERE digest = ?').run(digest)
}

export function revokedPartners(db: Database): readonly RevokedPartner[] {
  return db
    .prepare('SELECT * FROM revoked_partner ORDER BY nation')
    .all()
    .map((row) => ({
      nation: row['nation'] as string,
      root: row['root'] as string,
      atMs: row['at_ms'] as number,
      reason: row['reason'] as string,
    }))
}
