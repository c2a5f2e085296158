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
