import { type Nation, type RosterFile, rootsIn, toBase64url } from '@entente/schema'
import type { ListedPartner, PartnerState, ShownPartner } from '../api/pairing-api.ts'
import type { Deps } from '../deps.ts'
import type { PartnerStatus } from '../node-api.ts'
import { sayFork } from '../setup/check-roots.ts'
import { PairingError } from './pairing-error.ts'
import { type PairingRow, pairingRows, proposalsIn, revokedPartners } from './pairing-store.ts'
import { forksIn } from './root-forks.ts'
import { unsignedOf } from './step.ts'

/** Every nation that this node has to do with, and how far it has come with each. */
export function listPartners(deps: Deps): readonly ListedPartner[] {
  const { db, roster, nation, partners } = deps
  const rows = pairingRows(db)
  const revoked = new Map(revokedPartners(db).map((each) => [each.nation, each]))
  const proposals = proposalsIn(db)
  const proposed = proposals.flatMap((each) => each.nations.map((file) => file.nation))
  const nations = [...roster.members.keys(), ...rows.map((row) => row.nation), ...proposed]
  return [...new Set(nations)]
    .filter((each) => each !== nation)
    .sort()
    .map((each): ListedPartner => {
      const row = rows.findLast((one) => one.nation === each)
      const member = roster.members.get(each)
      const proposal = proposals.find(({ nations: named }) =>
        named.some((file) => file.nation === each),
      )
      const isPaused = db.prepare('SELECT 1 FROM paused WHERE nation = ?').get(each) !== undefined
      const cut = revoked.get(each)
      const [state, words]: readonly [PartnerState, string] =
        cut !== undefined
          ? row?.state === 'invited'
            ? ['revoked', `cut off; ${invited(row, deps)}`]
            : row?.state === 'accepted'
              ? [
                  'revoked',
                  `cut off until the six words are compared: entente partner confirm ${each}`,
                ]
              : ['revoked', `cut off since ${day(cut.atMs)}: ${cut.reason}`]
          : partners.has(each)
            ? isPaused
              ? ['paused', `nothing new is sent: entente partner resume ${each}`]
              : ['paired', `in roster ${roster.witnessPolicy.number}`]
            : pending(deps, each, row, proposal)
      return {
        nation: each,
        organisation: member?.organisation ?? row?.other?.organisation ?? null,
        state,
        words,
        code: row?.other?.code ?? null,
      }
    })
}

/** All that is known here of one nation. @throws {PairingError} `PAIRING_UNKNOWN` */
export function showPartner(
  deps: Deps,
  nation: Nation,
  status: PartnerStatus | undefined,
): ShownPartner {
  const listed = listPartners(deps).find((each) => each.nation === nation)
  if (listed === undefined)
    throw new PairingError(
      'PAIRING_UNKNOWN',
      `${nation} is neither a partner nor invited: entente partner invite ${nation}`,
    )
  const member = deps.roster.members.get(nation)
  const row = pairingRows(deps.db).findLast((one) => one.nation === nation)
  const node = member?.node
  return {
    ...listed,
    root: member === undefined ? (row?.other?.root ?? null) : toBase64url(member.root),
    peerId: node?.peerId ?? row?.other?.peer.peerId ?? null,
    endpoints: node?.endpoints ?? row?.other?.peer.addresses ?? [],
    keys:
      member === undefined || node === undefined
        ? null
        : {
            statement: node.key,
            log: node.logKey,
            witness: node.witnessKey,
            encryption: node.encryptionKey,
            authorities: member.authorities.length,
            officers: member.officers.length,
          },
    connected: status?.connected ?? false,
    sent: { records: status?.sent.records ?? 0, fields: status?.sent.fields ?? 0 },
    received: { records: status?.received.records ?? 0, fields: status?.received.fields ?? 0 },
  }
}

/** What of the ceremonies waits for somebody, for the page one opens first. */
export function pairingWords(deps: Deps): readonly string[] {
  const lines = listPartners(deps)
    .filter(({ state }) => state === 'invited' || state === 'accepted')
    .map(({ nation, words }) => `${nation}: ${words}`)
  const editions = proposalsIn(deps.db).map((roster) => sayEdition(deps, roster))
  const { members } = deps.roster
  const forks = forksIn(deps.db)
    // A nation that has begun anew under another root is done with it.
    .filter(({ nation: of, from }) => {
      const member = members.get(of)
      return member === undefined || rootsIn(member).includes(from)
    })
    .map((fork) => sayFork(fork, members.get(fork.nation)))
  return [...forks, ...lines, ...editions]
}

function sayEdition({ nation, roster: now }: Deps, roster: RosterFile): string {
  const unsigned = unsignedOf(roster)
  const named = roster.nations.map((file) => file.nation)
  const signed = named.filter((each) => !unsigned.includes(each))
  const adds = named.filter((each) => !now.members.has(each) && each !== nation)
  const next = unsigned.includes(nation)
    ? 'sign it with entente partner sign --root FILE'
    : `waiting for the root of ${unsigned.join(', ')}`
  return `roster ${roster.witnessPolicy.number} with ${adds.join(', ') || named.join(', ')} is proposed${signed.length === 0 ? '' : `, signed by ${signed.join(', ')}`}: ${unsigned.length === 0 ? 'compare the words of its new members: entente partner confirm NATION' : next}`
}

function pending(
  deps: Deps,
  nation: Nation,
  row: PairingRow | undefined,
  proposal: RosterFile | undefined,
): readonly [PartnerState, string] {
  if (proposal !== undefined && !(row?.state === 'accepted' && !row.compared))
    return ['proposed', sayEdition(deps, proposal)]
  if (row?.state === 'accepted')
    return [
      'accepted',
      row.compared
        ? `waiting for ${nation} to confirm our reply`
        : `send them the reply, compare the six words by telephone, then: entente partner confirm ${nation}`,
    ]
  if (row?.state === 'confirmed') return ['proposed', `waiting for a signed roster with ${nation}`]
  return ['invited', row === undefined ? 'unknown' : invited(row, deps)]
}

const invited = ({ nation, expiresMs }: PairingRow, { clock }: Deps): string =>
  expiresMs <= clock.nowMs()
    ? `the invitation ended on ${day(expiresMs)}: entente partner invite ${nation}`
    : `waiting for the reply of ${nation}, until ${day(expiresMs)}`

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
